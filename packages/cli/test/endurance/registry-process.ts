import { join } from 'node:path';
import { type CommandOptions, startCommand } from '../start-command.ts';
import type { World } from './world.ts';

/** A registry as a process of its own, on a port that it can have again after it was killed. */
export interface RegistryProcess {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** kill -9 */
  kill(): Promise<void>;
}

/** @param options `port` of an earlier one; 0, the default, takes a free one */
export async function startRegistryProcess(
  world: World,
  options: { readonly root: string; readonly port?: number; readonly program?: CommandOptions['program'] },
): Promise<RegistryProcess> {
  const { root, port = 0, program } = options;
  const listen = `127.0.0.1:${port}`;
  const args = ['registry', 'serve', '--quiet', '--listen', listen, '--root', root];
  const home = join(world.bench.scratch, 'registry-home');
  const started = startCommand(args, { home, ...(program && { program }) });
  const greeting = /^registry at (http:\S+),/m;
  await started.printed(greeting);
  const url = new URL(greeting.exec(started.output())?.[1] ?? '');
  return {
    url: url.origin,
    host: url.host,
    port: Number(url.port),
    async kill() {
      started.child.kill('SIGKILL');
      await started.ended;
    },
  };
}
