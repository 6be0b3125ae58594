import { join } from 'node:path';
import { type Digest, fault } from '@onebuild/core';
import { parsePushedManifest } from '../manifest/pushed-manifest.ts';
import { isTag, readDigest } from '../names.ts';
import { namesIn } from './file-steps.ts';
import { readManifest, readTag } from './fs-manifest-shelf.ts';
import type { StorePaths } from './store-paths.ts';

export interface Mark {
  /** Blobs and children that kept manifests name. */
  readonly needed: ReadonlySet<Digest>;
  /** Manifests that no tag leads to; empty where all are kept. */
  readonly unreached: readonly Digest[];
}

interface Node {
  readonly names: readonly Digest[];
  readonly subject: Digest | undefined;
}

/** What the manifests of a repository need. @throws STORE_CORRUPT */
export async function markRepository(
  paths: StorePaths,
  repository: string,
  options: { readonly untagged: boolean },
): Promise<Mark> {
  const nodes = await readNodes(paths, repository);
  const kept = options.untagged ? await reach(paths, repository, nodes) : new Set(nodes.keys());
  const needed = new Set<Digest>();
  for (const digest of kept) for (const name of nodes.get(digest)?.names ?? []) needed.add(name);
  return { needed, unreached: [...nodes.keys()].filter((digest) => !kept.has(digest)) };
}

async function readNodes(paths: StorePaths, repository: string): Promise<Map<Digest, Node>> {
  const nodes = new Map<Digest, Node>();
  for (const algorithm of await namesIn(paths.manifests(repository))) {
    for (const hex of await namesIn(join(paths.manifests(repository), algorithm))) {
      const digest = readDigest(`${algorithm}:${hex}`);
      const stored = digest && (await readManifest(paths, repository, digest));
      if (stored) nodes.set(digest, readNode(repository, stored));
    }
  }
  return nodes;
}

function readNode(
  repository: string,
  stored: { digest: Digest; mediaType: string; bytes: Uint8Array },
): Node {
  try {
    const { blobs, children, subject } = parsePushedManifest(stored.bytes, stored.mediaType);
    return { names: [...blobs, ...children], subject: subject?.digest };
  } catch (cause) {
    throw fault('STORE_CORRUPT', `manifest ${stored.digest} of ${repository} cannot be read`, {
      hint: 'Push the image again, or delete the manifest.',
      cause,
    });
  }
}

/** From the tags, through indexes to their children, and from subjects to what refers to them. */
async function reach(
  paths: StorePaths,
  repository: string,
  nodes: ReadonlyMap<Digest, Node>,
): Promise<Set<Digest>> {
  const pending: Digest[] = [];
  for (const tag of (await namesIn(paths.tags(repository))).filter(isTag)) {
    const digest = await readTag(paths, repository, tag);
    if (digest) pending.push(digest);
  }
  const referrers = new Map<Digest, Digest[]>();
  for (const [digest, { subject }] of nodes) {
    if (subject) referrers.set(subject, [...(referrers.get(subject) ?? []), digest]);
  }
  const reached = new Set<Digest>();
  for (let digest = pending.pop(); digest !== undefined; digest = pending.pop()) {
    const node = nodes.get(digest);
    if (!node || reached.has(digest)) continue;
    reached.add(digest);
    pending.push(...node.names, ...(referrers.get(digest) ?? []));
  }
  return reached;
}
