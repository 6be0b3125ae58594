import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '@onebuild/core';
import { isTag, readDigest } from '../names.ts';
import { namesIn, removeFile, unlessMissing } from './file-steps.ts';
import { readTag } from './fs-manifest-shelf.ts';
import type { FsRegistryStore } from './fs-registry-store.ts';
import { listRepositories } from './list-repositories.ts';
import { type Mark, markRepository } from './mark-repository.ts';
import type { StorePaths } from './store-paths.ts';
import { sweepFile } from './sweep-file.ts';

export interface GarbageOptions {
  /** Nothing that was pushed, asked for or mounted within this time is touched. At least a minute, where pushes go on. */
  readonly olderThanMs: number;
  /** Only count. */
  readonly dryRun?: boolean;
  /** Also manifests that no tag leads to: neither itself, nor through an index or a subject. Default false. */
  readonly untagged?: boolean;
}

export interface GarbageReport {
  readonly manifests: number;
  /** Tags whose manifest is gone, left by a crash. */
  readonly tags: number;
  /** Blobs that left a repository. */
  readonly links: number;
  /** Blobs that left the disk, and their bytes. */
  readonly blobs: number;
  readonly bytes: number;
  readonly uploads: number;
}

/** Drafts are renamed within moments; an old one was left by a crash. */
const draftMs = 60 * 60 * 1000;

/**
 * Removes what nothing needs any more, while the registry runs: blobs that no manifest of their repository names, and
 * then those that no repository holds. Pushes that are under way renew the time of everything they rely on, and what
 * was renewed stays (see `sweepFile`).
 *
 * @throws STORE_CORRUPT where a manifest can't be read; nothing of that repository is removed then
 */
export async function collectGarbage(
  store: FsRegistryStore,
  options: GarbageOptions,
): Promise<GarbageReport> {
  const { paths } = store;
  const { olderThanMs, dryRun = false, untagged = false } = options;
  const sweep: Sweep = { tmp: paths.tmp, before: Date.now() - olderThanMs, dryRun };
  let [manifests, tags, links] = [0, 0, 0];
  const names = new Set([
    ...(await listRepositories(paths, '_blobs')),
    ...(await listRepositories(paths, '_manifests')),
  ]);
  for (const repository of names) {
    const mark = await markRepository(paths, repository, { untagged });
    manifests += await sweepAll(mark.unreached, (digest) => paths.manifest(repository, digest), sweep);
    tags += await dropDangling(paths, repository, sweep);
    links += await sweepLinks(paths, repository, mark, sweep);
  }
  const { blobs, bytes } = await sweepBlobs(paths, sweep);
  if (!dryRun) await sweepDrafts(paths, Math.max(olderThanMs, draftMs));
  const uploads = await store.uploads.expire(olderThanMs, { dryRun });
  return { manifests, tags, links, blobs, bytes, uploads };
}

interface Sweep {
  readonly tmp: string;
  readonly before: number;
  readonly dryRun: boolean;
}

async function sweepAll(digests: readonly Digest[], pathOf: (digest: Digest) => string, sweep: Sweep) {
  let removed = 0;
  for (const digest of digests) if ((await sweepFile(pathOf(digest), sweep)) !== undefined) removed++;
  return removed;
}

async function sweepLinks(paths: StorePaths, repository: string, mark: Mark, sweep: Sweep): Promise<number> {
  const unneeded: Digest[] = [];
  for (const algorithm of await namesIn(paths.blobLinks(repository))) {
    for (const hex of await namesIn(join(paths.blobLinks(repository), algorithm))) {
      const digest = readDigest(`${algorithm}:${hex}`);
      if (digest && !mark.needed.has(digest)) unneeded.push(digest);
    }
  }
  return await sweepAll(unneeded, (digest) => paths.blobLink(repository, digest), sweep);
}

async function dropDangling(paths: StorePaths, repository: string, sweep: Sweep): Promise<number> {
  let dropped = 0;
  for (const tag of (await namesIn(paths.tags(repository))).filter(isTag)) {
    const path = paths.tag(repository, tag);
    const age = await unlessMissing(stat(path));
    if (!age || age.mtimeMs >= sweep.before) continue;
    const digest = await readTag(paths, repository, tag);
    if (digest && (await unlessMissing(stat(paths.manifest(repository, digest))))) continue;
    if (sweep.dryRun || (await removeFile(path))) dropped++;
  }
  return dropped;
}

/** The number of names says whether a repository still holds a blob; no list is needed, and no lock. */
async function sweepBlobs(paths: StorePaths, sweep: Sweep): Promise<{ blobs: number; bytes: number }> {
  let [blobs, bytes] = [0, 0];
  for (const algorithm of await namesIn(paths.blobs)) {
    for (const prefix of await namesIn(join(paths.blobs, algorithm))) {
      const folder = join(paths.blobs, algorithm, prefix);
      for (const hex of await namesIn(folder)) {
        const size = await sweepFile(join(folder, hex), { ...sweep, onlyName: true });
        if (size === undefined) continue;
        blobs++;
        bytes += size;
      }
    }
  }
  return { blobs, bytes };
}

async function sweepDrafts(paths: StorePaths, olderThanMs: number): Promise<void> {
  for (const name of (await unlessMissing(readdir(paths.tmp))) ?? []) {
    const found = await unlessMissing(stat(join(paths.tmp, name)));
    if (found && found.mtimeMs < Date.now() - olderThanMs) await removeFile(join(paths.tmp, name));
  }
}
