import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '@onebuild/core';
import type { Descriptor } from '@onebuild/oci';
import { subjectOf } from '../manifest/pushed-manifest.ts';
import { algorithmOf, isTag, readDigest } from '../names.ts';
import { namesIn, removeFile, syncFolder, touchFile, unlessMissing, writeDurably } from './file-steps.ts';
import { type KeyedQueue, keyedQueue } from './keyed-queue.ts';
import { listReferrers } from './list-referrers.ts';
import { decodeManifest, encodeManifest } from './manifest-file.ts';
import type { ManifestShelf, NewManifest, StoredManifest } from './registry-store.ts';
import type { StorePaths } from './store-paths.ts';

/**
 * Writers of one repository take turns within a process; between processes the order of steps holds the promises:
 * content before the manifest, the manifest before its tags, and tags gone before and again after their manifest.
 */
export function fsManifestShelf(paths: StorePaths, queue: KeyedQueue = keyedQueue()): ManifestShelf {
  const get = (repository: string, digest: Digest) => readManifest(paths, repository, digest);
  return {
    get,
    resolve: (repository, tag) => readTag(paths, repository, tag),
    put: (repository, manifest) => queue.run(repository, () => putManifest(paths, repository, manifest)),
    delete: (repository, digest) => queue.run(repository, () => deleteManifest(paths, repository, digest)),
    deleteTag: (repository, tag) =>
      queue.run(repository, async () => {
        const removed = await removeFile(paths.tag(repository, tag));
        if (removed) await syncFolder(paths.tags(repository));
        return removed;
      }),
    tags: async (repository) => (await namesIn(paths.tags(repository))).filter(isTag).sort(),
    referrers: (repository, digest): Promise<readonly Descriptor[]> =>
      listReferrers(paths, repository, digest),
  };
}

export async function readManifest(
  paths: StorePaths,
  repository: string,
  digest: Digest,
): Promise<StoredManifest | undefined> {
  const file = await unlessMissing(readFile(paths.manifest(repository, digest)));
  return file && { digest, ...decodeManifest(file) };
}

export async function readTag(
  paths: StorePaths,
  repository: string,
  tag: string,
): Promise<Digest | undefined> {
  const text = await unlessMissing(readFile(paths.tag(repository, tag), 'utf8'));
  return text === undefined ? undefined : readDigest(text.trim());
}

async function putManifest(
  paths: StorePaths,
  repository: string,
  manifest: NewManifest,
): Promise<readonly Digest[]> {
  const missing = await findMissing(paths, repository, manifest);
  if (missing.length > 0) return missing;
  const algorithms = new Set([...manifest.blobs, ...manifest.children].map(algorithmOf));
  for (const algorithm of algorithms) await syncFolder(join(paths.blobLinks(repository), algorithm));

  const { subject, digest } = manifest;
  if (subject) {
    const entry = paths.referrer(repository, subject.digest, digest);
    await writeDurably(entry, Buffer.from(JSON.stringify(subject.referrer)), paths.tmp);
  }
  const file = encodeManifest(manifest);
  const path = paths.manifest(repository, digest);
  const known = await unlessMissing(readFile(path));
  const renewed = known?.equals(file) && (await touchFile(path)) !== undefined;
  if (!renewed) await writeDurably(path, file, paths.tmp);
  for (const tag of manifest.tags) {
    await writeDurably(paths.tag(repository, tag), Buffer.from(`${digest}\n`), paths.tmp);
  }
  return [];
}

async function findMissing(paths: StorePaths, repository: string, manifest: NewManifest): Promise<Digest[]> {
  const missing: Digest[] = [];
  for (const digest of new Set(manifest.blobs)) {
    if ((await touchFile(paths.blobLink(repository, digest))) === undefined) missing.push(digest);
  }
  for (const digest of new Set(manifest.children)) {
    const size =
      (await touchFile(paths.manifest(repository, digest))) ??
      (await touchFile(paths.blobLink(repository, digest)));
    if (size === undefined) missing.push(digest);
  }
  return missing;
}

async function deleteManifest(paths: StorePaths, repository: string, digest: Digest): Promise<boolean> {
  const manifest = await readManifest(paths, repository, digest);
  if (!manifest) return false;
  await deleteTagsOf(paths, repository, digest);
  await removeFile(paths.manifest(repository, digest));
  await deleteTagsOf(paths, repository, digest);
  const subject = subjectOf(manifest.bytes);
  if (subject) await removeFile(paths.referrer(repository, subject, digest));
  await syncFolder(join(paths.manifests(repository), algorithmOf(digest)));
  await syncFolder(paths.tags(repository));
  return true;
}

async function deleteTagsOf(paths: StorePaths, repository: string, digest: Digest): Promise<void> {
  for (const tag of (await namesIn(paths.tags(repository))).filter(isTag)) {
    if ((await readTag(paths, repository, tag)) === digest) await removeFile(paths.tag(repository, tag));
  }
}
