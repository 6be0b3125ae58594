import { readFlags } from './flags.ts';
import type { RunInstruction } from './instruction.ts';
import { sketchMount } from './parse-mount.ts';
import { readCommandLine } from './read-command.ts';
import { invalid, type Request } from './request.ts';

export function readRun(request: Request): RunInstruction {
  const flags = readFlags(request, { mount: 'list', network: 'string', security: 'string', device: 'list' });
  if (flags.device.length > 0) throw invalid('RUN --device is not supported');
  const network = flags.network ?? 'default';
  if (network !== 'default' && network !== 'none' && network !== 'host') {
    throw invalid(`RUN --network must be default, none or host, not ${JSON.stringify(network)}`);
  }
  const security = flags.security ?? 'sandbox';
  if (security !== 'sandbox' && security !== 'insecure') {
    throw invalid(`RUN --security must be sandbox or insecure, not ${JSON.stringify(security)}`);
  }
  return {
    ...request.base,
    kind: 'RUN',
    command: readCommandLine(request),
    heredocs: request.node.heredocs,
    mounts: flags.mount.map(sketchMount),
    mountFlags: flags.mount,
    network,
    security,
  };
}
