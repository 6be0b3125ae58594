import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type RawClient, rawClient } from './raw-client.ts';

export interface SpawnedRegistry {
  readonly url: string;
  readonly ask: RawClient;
  readonly process: ChildProcess;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
}

/** A registry over `root` in a process of its own. */
export async function spawnRegistry(
  t: { after(run: () => Promise<void>): void },
  root: string,
): Promise<SpawnedRegistry> {
  const program = fileURLToPath(new URL('serve-child.ts', import.meta.url));
  const child = spawn(process.execPath, [program, root], { stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  t.after(kill);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const url = line.toString().trim();
  return { url, ask: rawClient(url), process: child, kill };
}
