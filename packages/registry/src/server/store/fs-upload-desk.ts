import { randomUUID } from 'node:crypto';
import { open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isUploadId } from '../names.ts';
import { dropClaim, isHeld, makeClaim } from './claim.ts';
import { createFile, errnoOf, namesIn, removeFile, unlessMissing } from './file-steps.ts';
import { fsUploadWriter } from './fs-upload-writer.ts';
import { listRepositories } from './list-repositories.ts';
import type { DigestAlgorithm, UploadDesk, UploadWriter } from './registry-store.ts';
import type { StorePaths } from './store-paths.ts';
import { startHash, uploadHashes } from './upload-hashes.ts';

/**
 * A session is a file `<id>`. A writer takes it by renaming it to `<id>.<claim>`, which only one can do, and renames
 * it back when done; what a dead process held can be taken over from it.
 */
export function fsUploadDesk(paths: StorePaths): UploadDesk {
  const hashes = uploadHashes();
  return {
    async create(repository, algorithm) {
      const id = randomUUID();
      const file = await createFile(join(paths.uploads(repository), id));
      await file.close();
      hashes.put(id, startHash(algorithm));
      return id;
    },

    async size(repository, id) {
      const folder = paths.uploads(repository);
      const idle = await unlessMissing(stat(join(folder, id)));
      if (idle) return idle.size;
      const claimed = await claimedName(folder, id);
      const found = claimed === undefined ? undefined : await unlessMissing(stat(join(folder, claimed)));
      // it may have been given back since the first look
      return (found ?? (await unlessMissing(stat(join(folder, id)))))?.size;
    },

    async open(repository, id, options: { readonly algorithm?: DigestAlgorithm } = {}) {
      const folder = paths.uploads(repository);
      const claim = makeClaim();
      const path = join(folder, `${id}.${claim}`);
      const taken = await takeFile(folder, id, path);
      if (taken !== 'taken') {
        dropClaim(claim);
        return taken;
      }
      const file = await open(path, 'r+');
      const { size } = await file.stat();
      return fsUploadWriter({
        paths,
        repository,
        file,
        path,
        size,
        hash: hashes.take(id, size, options.algorithm),
        async release(hash) {
          if (hash) hashes.put(id, hash);
          await unlessMissing(rename(path, join(folder, id)));
          dropClaim(claim);
        },
      }) satisfies UploadWriter;
    },

    async expire(olderThanMs, { dryRun = false } = {}) {
      let removed = 0;
      for (const repository of await listRepositories(paths, '_uploads')) {
        removed += await expireIn(paths.uploads(repository), Date.now() - olderThanMs, dryRun);
      }
      return removed;
    },
  };
}

async function takeFile(folder: string, id: string, path: string): Promise<'taken' | 'busy' | undefined> {
  if (await renamed(join(folder, id), path)) return 'taken';
  const claimed = await claimedName(folder, id);
  if (claimed === undefined) return (await renamed(join(folder, id), path)) ? 'taken' : undefined;
  if (isHeld(claimed.slice(id.length + 1))) return 'busy';
  return (await renamed(join(folder, claimed), path)) ? 'taken' : 'busy';
}

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function claimedName(folder: string, id: string): Promise<string | undefined> {
  return (await namesIn(folder)).find((name) => name.startsWith(`${id}.`));
}

async function expireIn(folder: string, before: number, dryRun: boolean): Promise<number> {
  let removed = 0;
  for (const name of await namesIn(folder)) {
    const [id = '', ...claim] = name.split('.');
    if (!isUploadId(id) || (claim.length > 0 && isHeld(claim.join('.')))) continue;
    const found = await unlessMissing(stat(join(folder, name)));
    if (!found || found.mtimeMs >= before) continue;
    if (dryRun || (await removeFile(join(folder, name)))) removed++;
  }
  return removed;
}
