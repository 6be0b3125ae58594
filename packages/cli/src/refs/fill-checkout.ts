import { mkdir, rm } from 'node:fs/promises';
import { fault, isFault, withFact } from '@onebuild/core';
import type { Repository } from './find-repository.ts';
import { type GitAnswer, lastWords, type RunGit } from './run-git.ts';

/**
 * Writes the files of a commit into a new folder, as `git checkout` would: with line endings and filters as attributes say. The index that
 * git needs for it is beside the folder for as long; the repository stays as it is, but for objects that a partial clone or Git
 * LFS has yet to fetch.
 * @throws GIT_FAILED, DISK_FULL
 */
export async function fillCheckout(
  git: RunGit,
  { gitDir }: Repository,
  { sha, folder }: { readonly sha: string; readonly folder: string },
): Promise<void> {
  const index = `${folder}.index`;
  await mkdir(folder, { recursive: true });
  const variables = { GIT_DIR: gitDir, GIT_WORK_TREE: folder, GIT_INDEX_FILE: index };
  try {
    // with as many processes as there are cores, where there are many files
    const fill = ['-C', folder, '-c', 'checkout.workers=0', 'read-tree', '--reset', '-u', sha];
    mustWork(await git(fill, variables));
  } catch (error) {
    if (isFault(error, 'GIT_FAILED', 'DISK_FULL'))
      throw withFact(error, `cannot write the files of ${sha.slice(0, 12)}`);
    throw error;
  } finally {
    await rm(index, { force: true });
  }
}

function mustWork(answer: GitAnswer): void {
  if (answer.code === 0) return;
  const full = /^.*(?:No space left on device|Disk quota exceeded).*$/m.exec(answer.stderr)?.[0];
  if (full !== undefined) throw fault('DISK_FULL', full);
  throw fault('GIT_FAILED', lastWords(answer), {
    hint: 'Try the same by hand: git worktree add --detach /tmp/look COMMIT.',
  });
}
