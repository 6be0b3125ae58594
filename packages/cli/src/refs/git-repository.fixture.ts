import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runProgram } from '@onebuild/testkit';

/** A repository that a test fills. */
export interface GitRepository {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  git(...args: readonly string[]): Promise<string>;
  write(files: Readonly<Record<string, string>>): void;
  /** Writes files and commits all that there is; `seconds` since the epoch is its time. Gives the SHA. */
  commit(files: Readonly<Record<string, string>>, seconds: number): Promise<string>;
}

export async function makeGitRepository(folder: string): Promise<GitRepository> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'Ann',
    GIT_AUTHOR_EMAIL: 'ann@example.com',
    GIT_COMMITTER_NAME: 'Ann',
    GIT_COMMITTER_EMAIL: 'ann@example.com',
  };
  mkdirSync(folder, { recursive: true });
  const run = async (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    (await runProgram(['git', ...args], { cwd: folder, env: { ...env, ...more } })).stdout.trim();
  const repository: GitRepository = {
    folder,
    env,
    git: (...args) => run(args),
    write(files) {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
    },
    async commit(files, seconds) {
      repository.write(files);
      await run(['add', '--all']);
      const time = `@${seconds} +0000`;
      await run(['commit', '-q', '--allow-empty', '-m', 'change'], {
        GIT_COMMITTER_DATE: time,
        GIT_AUTHOR_DATE: time,
      });
      return await run(['rev-parse', 'HEAD']);
    },
  };
  await run(['init', '-q', '-b', 'main']);
  return repository;
}

/** All files under a folder with what is in them, by path. */
export function readAll(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'latin1')]),
  );
}
