import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Daemon, type ProgramResult, runProgram, startDaemon, tryProgram } from '@onebuild/testkit';
import { inputs } from '../inputs/prepare-inputs.ts';
import type { BuilderPlace } from './builder.ts';

/** The Debian root with the peers in it; its Docker Engine is up. */
export interface EngineRoot {
  /** Runs a program in it to its end; throws with the output where it fails. */
  run(command: readonly string[]): Promise<ProgramResult>;
  /** Starts the engine again where it keeps nothing yet, and Buildah neither; as often as there were builds since. */
  renew(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the Docker Engine in a mount namespace of its own, where the root is that of its own Debian. */
export async function startEngineRoot(place: BuilderPlace): Promise<EngineRoot> {
  let at = 0;
  let engine = await startEngine(place, at);
  let fresh = true;
  return {
    run(command) {
      fresh = false;
      return runProgram(enter(engine.pid, command));
    },
    async renew() {
      if (fresh) return;
      await engine.daemon.stop();
      engine = await startEngine(place, ++at);
      fresh = true;
    },
    stop: () => engine.daemon.stop(),
  };
}

async function startEngine(
  place: BuilderPlace,
  at: number,
): Promise<{ readonly pid: number; readonly daemon: Daemon }> {
  const script = fileURLToPath(new URL('start-engine-root.sh', import.meta.url));
  const root = join(place.work, inputs.engine);
  const data = join(place.run, `engine-${at}`);
  const { value: pid, daemon } = await startDaemon(
    ['unshare', '--mount', '--propagation=private', script, root, place.work, data, 'dockerd'],
    async (output) => {
      if (!/API listen on/.test(output)) return undefined;
      const found = await findEngine();
      return (await tryProgram(enter(found, ['docker', 'info']))).code === 0 ? found : undefined;
    },
    { patience: 60_000 },
  );
  return { pid, daemon };
}

function enter(pid: number, command: readonly string[]): [string, ...string[]] {
  const environment = ['-i', 'PATH=/usr/sbin:/usr/bin', 'HOME=/root'];
  return ['nsenter', `--mount=/proc/${pid}/ns/mnt`, 'env', ...environment, ...command];
}

/** The process of the engine; in this process namespace there is one. */
async function findEngine(): Promise<number> {
  const { stdout } = await runProgram(['pidof', 'dockerd']);
  return Number(stdout.trim().split(' ')[0]);
}
