import { readFlags } from './flags.ts';
import type {
  CmdInstruction,
  CommandLine,
  EntrypointInstruction,
  MaintainerInstruction,
  ShellInstruction,
  StopsignalInstruction,
  UserInstruction,
  VolumeInstruction,
  WorkdirInstruction,
} from './instruction.ts';
import { invalid, type Request, requireOne, requireSome } from './request.ts';

/** The command of RUN, CMD and ENTRYPOINT. */
export function readCommandLine({ node }: Request): CommandLine {
  return node.json ? { form: 'exec', args: node.args } : { form: 'shell', line: node.args.join(' ') };
}

export function readCmd(request: Request): CmdInstruction {
  readFlags(request, {});
  return { ...request.base, kind: 'CMD', command: readCommandLine(request) };
}

export function readEntrypoint(request: Request): EntrypointInstruction {
  readFlags(request, {});
  return { ...request.base, kind: 'ENTRYPOINT', command: readCommandLine(request) };
}

export function readShell(request: Request): ShellInstruction {
  readFlags(request, {});
  const shell = requireSome(request);
  if (!request.node.json) {
    throw invalid('SHELL must be a JSON array', 'Write it as SHELL ["/bin/bash", "-c"].');
  }
  return { ...request.base, kind: 'SHELL', shell };
}

export function readMaintainer(request: Request): MaintainerInstruction {
  readFlags(request, {});
  return { ...request.base, kind: 'MAINTAINER', maintainer: requireOne(request) };
}

export function readUser(request: Request): UserInstruction {
  readFlags(request, {});
  return { ...request.base, kind: 'USER', user: requireOne(request) };
}

export function readWorkdir(request: Request): WorkdirInstruction {
  readFlags(request, {});
  return { ...request.base, kind: 'WORKDIR', path: requireOne(request) };
}

/** Docker does not look at flags here, either. */
export function readStopsignal(request: Request): StopsignalInstruction {
  return { ...request.base, kind: 'STOPSIGNAL', signal: requireOne(request) };
}

export function readVolume(request: Request): VolumeInstruction {
  readFlags(request, {});
  const paths = requireSome(request).map((path) => path.trim());
  if (paths.includes('')) throw invalid('a path of VOLUME is empty');
  return { ...request.base, kind: 'VOLUME', paths };
}
