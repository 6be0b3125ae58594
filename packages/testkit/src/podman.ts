import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './require-program.ts';
import { type ProgramOptions, type ProgramResult, runProgram, tryProgram } from './run-program.ts';
import { asService, type Service } from './service.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Podman with a storage of the test's own. */
export interface Podman extends Service {
  /** The words before a subcommand that lead to this storage; `podman` is the first. */
  readonly command: readonly [string, ...string[]];
  /** What the command wants in its environment, beside the usual. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a subcommand; throws with its output where that fails. */
  podman(args: readonly string[], options?: ProgramOptions): Promise<ProgramResult>;
}

/**
 * Prepares Podman (root needed): nothing runs until it is used, and `close` removes containers, images and mounts.
 * `runc` is taken where it is installed, for `crun` refuses machines that have both versions of cgroups.
 */
export function startPodman(): Podman {
  const scratch = temporaryFolder();
  const at = (name: string) => join(scratch, name);
  mkdirSync(at('tmp'));
  const folders = ['--root', at('root'), '--runroot', at('run'), '--tmpdir', at('tmp')];
  const flags = ['--storage-driver=vfs', '--cgroup-manager=cgroupfs', '--events-backend=none'];
  const runtime = findProgram('runc') ? ['--runtime=runc'] : [];
  const command: Podman['command'] = ['podman', ...folders, ...flags, ...runtime];
  const own = { TMPDIR: at('tmp'), CONTAINERS_CONF: at('containers.conf') };
  writeFileSync(own.CONTAINERS_CONF, configText);
  const env = { ...process.env, ...own };
  const podman = (args: readonly string[], options: ProgramOptions = {}) =>
    runProgram([...command, ...args], { ...options, env: { ...env, ...options.env } });
  return asService({ command, env: own, podman }, async () => {
    await tryProgram([...command, 'rm', '--all', '--force', '--time=0'], { env });
    await tryProgram([...command, 'umount', '--all', '--force'], { env });
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
}

/** Fewer open files and processes than Podman's own default, which a machine that is a sandbox itself may refuse. */
const configText = '[containers]\ndefault_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]\n';
