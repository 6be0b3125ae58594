import { fault } from '@onebuild/core';
import { lastWords, type RunGit } from './run-git.ts';

/** The git repository that a folder is in. */
export interface Repository {
  /** Absolute: its `.git`, or that of a worktree. */
  readonly gitDir: string;
  /** Absolute: the folder that holds the checked-out files. */
  readonly top: string;
  /** The asked folder from there, with a slash at its end; empty for `top` itself. */
  readonly prefix: string;
  /** Only a part of the history is there. */
  readonly isShallow: boolean;
}

/** @throws REF_NOT_FOUND where the folder is in no work tree, FILE_ACCESS where git doesn't trust its owner */
export async function findRepository(git: RunGit, folder: string): Promise<Repository> {
  const ask = (...names: readonly string[]) => git(['-C', folder, 'rev-parse', ...names]);
  const top = await ask('--show-toplevel');
  if (top.code !== 0) throw notFound(lastWords(top), folder);
  const [gitDir, prefix, shallow] = await Promise.all([
    ask('--absolute-git-dir'),
    ask('--show-prefix'),
    ask('--is-shallow-repository'),
  ]);
  const line = ({ stdout }: { readonly stdout: string }): string => stdout.replace(/\n$/, '');
  return {
    gitDir: line(gitDir),
    top: line(top),
    prefix: line(prefix),
    isShallow: line(shallow) === 'true',
  };
}

function notFound(said: string, folder: string): Error {
  if (/dubious ownership|unsafe repository/.test(said)) {
    const [, top = folder] = /repository at '(.+)'/.exec(said) ?? [];
    return fault('FILE_ACCESS', `git does not read the repository of ${folder}: another user owns it`, {
      hint: `Where you trust it: git config --global --add safe.directory ${top}`,
    });
  }
  if (/not a git repository|must be run in a work tree/.test(said)) {
    return fault('REF_NOT_FOUND', `${folder} is not in a git repository with checked-out files`, {
      hint: 'Run where the repository is cloned, or leave --ref out.',
    });
  }
  return fault('GIT_FAILED', said);
}
