import { execFile } from 'node:child_process';
import type { GitFacts } from '@onebuild/project';
import type { CliContext } from '../cli-context.ts';

/** Bytes of git's answers, at most; the longest is the list of files that differ. */
const longestAnswer = 16 * 2 ** 20;

/**
 * What git says of the commit that a folder has checked out; undefined where git is not installed, the folder is in no
 * repository, or nothing was committed yet.
 */
export async function readGitFacts(
  folder: string,
  { env, signal }: Pick<CliContext, 'env' | 'signal'>,
): Promise<GitFacts | undefined> {
  const ask = async (...args: string[]): Promise<string | undefined> =>
    await new Promise((resolve) => {
      execFile(
        'git',
        ['-C', folder, '-c', 'core.fsmonitor=false', ...args],
        {
          env: { ...env, GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
          maxBuffer: longestAnswer,
          signal,
        },
        (error, stdout) => {
          resolve(error === null ? stdout.trim() : undefined);
        },
      );
    });
  const [head, branch, tag, changes] = await Promise.all([
    ask('show', '-s', '--format=%H %ct', 'HEAD'),
    ask('symbolic-ref', '-q', '--short', 'HEAD'),
    ask('describe', '--tags', '--exact-match', 'HEAD'),
    ask('status', '--porcelain', '--untracked-files=no'),
  ]);
  signal.throwIfAborted();
  const [, sha, seconds] = /^([0-9a-f]{40,64}) (\d{1,12})$/.exec(head ?? '') ?? [];
  if (sha === undefined) return undefined;
  return {
    sha,
    branch,
    tag,
    isDirty: (changes ?? '') !== '',
    time: new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z'),
  };
}
