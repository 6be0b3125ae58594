import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Daemon, type ProgramResult, runProgram, startDaemon, tryProgram } from '@onebuild/testkit';
import { inputs } from '../inputs/prepare-inputs.ts';
import type { BuilderPlace } from './builder.ts';

/** The Debian root with the peers in it; its Docker Engine is up. */
export interface EngineRoot {
  /** Runs a program in it to its end; throws with the output where it fails. */
  run(command: readonly string[]): Promise<ProgramResult>;
  readonly daemon: Daemon;
}

/** Starts the Docker Engine in a mount namespace of its own, where the root is that of its own Debian. */
export async function startEngineRoot(place: BuilderPlace): Promise<EngineRoot> {
  const script = fileURLToPath(new URL('start-engine-root.sh', import.meta.url));
  const root = join(place.work, inputs.engine);
  const data = join(place.run, 'engine');
  let pid = 0;
  const enter = (command: readonly string[]): [string, ...string[]] => [
    'nsenter',
    `--mount=/proc/${pid}/ns/mnt`,
    'env',
    '-i',
    'PATH=/usr/sbin:/usr/bin',
    'HOME=/root',
    ...command,
  ];
  const { daemon } = await startDaemon(
    ['unshare', '--mount', '--propagation=private', script, root, place.work, data, 'dockerd'],
    async (output) => {
      pid = Number(/pid=(\d+)/.exec(output)?.[1] ?? pid);
      if (!/API listen on/.test(output)) return undefined;
      pid = await findEngine();
      return (await tryProgram(enter(['docker', 'info']))).code === 0 || undefined;
    },
    { patience: 60_000 },
  );
  return { daemon, run: (command) => runProgram(enter(command)) };
}

/** The process of the engine; in this process namespace there is one. */
async function findEngine(): Promise<number> {
  const { stdout } = await runProgram(['pidof', 'dockerd']);
  return Number(stdout.trim().split(' ')[0]);
}
