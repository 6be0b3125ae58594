import { lstatSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isFault } from '@onebuild/core';
import { runGit } from './run-git.ts';

/**
 * When the commit that is checked out was made, in seconds since the epoch, for the git work tree that `folder` is in;
 * undefined where it is in none, there is no commit yet, or git is not installed. Changes nothing there.
 */
export async function commitTime(folder: string, signal?: AbortSignal): Promise<number | undefined> {
  if (!isInWorkTree(resolve(folder))) return undefined;
  try {
    const { code, stdout } = await runGit(['rev-list', '--max-count=1', '--format=%ct', 'HEAD', '--'], {
      cwd: folder,
      signal,
    });
    const seconds = Number(/^(\d{1,12})$/m.exec(stdout)?.[1]);
    return code === 0 && Number.isSafeInteger(seconds) ? seconds : undefined;
  } catch (error) {
    if (isFault(error, 'TOOL_MISSING')) return undefined;
    throw error;
  }
}

/** Cheaper than starting git for nothing. */
function isInWorkTree(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (lstatSync(join(at, '.git'), { throwIfNoEntry: false })) return true;
    if (at === dirname(at)) return false;
  }
}
