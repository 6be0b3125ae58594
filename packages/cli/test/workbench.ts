import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  makeBusyboxRoot,
  type RegistryService,
  startOneBuildRegistry,
  temporaryFolder,
} from '@onebuild/testkit';
import { succeed } from './start-command.ts';

/** A registry with a busybox in it and a folder for all that a test file writes. */
export interface Workbench {
  readonly scratch: string;
  readonly registry: RegistryService;
  /** `127.0.0.1:PORT/base/busybox:1` */
  readonly base: string;
  /** A new context with these files; gives its path. */
  context(files: Readonly<Record<string, string>>): string;
  /** Path of a store that nobody used. */
  home(): string;
  close(): Promise<void>;
}

export async function openWorkbench(): Promise<Workbench> {
  const scratch = temporaryFolder();
  const registry = await startOneBuildRegistry();
  const base = `${registry.host}/base/busybox:1`;
  const root = join(scratch, 'root');
  makeBusyboxRoot(root);
  await succeed(['build', '--push', '-t', base, '-f', '-', root], {
    home: join(scratch, 'base-home'),
    input: 'FROM scratch\nCOPY . /\n',
  });
  let count = 0;
  return {
    scratch,
    registry,
    base,
    context(files) {
      const folder = join(scratch, `context-${count++}`);
      mkdirSync(folder);
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
      return folder;
    },
    home: () => join(scratch, `home-${count++}`),
    async close() {
      await registry.close();
      rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
