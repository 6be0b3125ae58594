import { join } from 'node:path';
import type { Digest } from '@onebuild/core';
import { digestAlgorithm, digestHex } from '@onebuild/oci';

/**
 * Where things are in a store's folder:
 *
 *     blobs/sha256/ab/<hex>                            every blob once; repositories hold hard links to it
 *     repositories/<name>/_blobs/sha256/<hex>          the blobs of a repository
 *     repositories/<name>/_manifests/sha256/<hex>      media type line, then the bytes
 *     repositories/<name>/_tags/<tag>                  a digest
 *     repositories/<name>/_referrers/sha256/<hex>/...  a descriptor each
 *     repositories/<name>/_uploads/<id>                bytes so far
 *     tmp/                                             files being written, before their rename
 *
 * No part of a repository name starts with an underscore, so names and rooms never meet.
 */
export interface StorePaths {
  readonly root: string;
  readonly repositories: string;
  readonly blobs: string;
  readonly tmp: string;
  blob(digest: Digest): string;
  repository(name: string): string;
  blobLinks(name: string): string;
  blobLink(name: string, digest: Digest): string;
  manifests(name: string): string;
  manifest(name: string, digest: Digest): string;
  tags(name: string): string;
  tag(name: string, tag: string): string;
  referrers(name: string, subject: Digest): string;
  referrer(name: string, subject: Digest, manifest: Digest): string;
  uploads(name: string): string;
}

export function storePaths(root: string): StorePaths {
  const repositories = join(root, 'repositories');
  const room = (name: string, kind: string) => join(repositories, name, kind);
  return Object.freeze({
    root,
    repositories,
    blobs: join(root, 'blobs'),
    tmp: join(root, 'tmp'),
    blob: (digest: Digest) =>
      join(root, 'blobs', digestAlgorithm(digest), digestHex(digest).slice(0, 2), digestHex(digest)),
    repository: (name: string) => join(repositories, name),
    blobLinks: (name: string) => room(name, '_blobs'),
    blobLink: (name: string, digest: Digest) => join(room(name, '_blobs'), ...parts(digest)),
    manifests: (name: string) => room(name, '_manifests'),
    manifest: (name: string, digest: Digest) => join(room(name, '_manifests'), ...parts(digest)),
    tags: (name: string) => room(name, '_tags'),
    tag: (name: string, tag: string) => join(room(name, '_tags'), tag),
    referrers: (name: string, subject: Digest) => join(room(name, '_referrers'), ...parts(subject)),
    referrer: (name: string, subject: Digest, manifest: Digest) =>
      join(room(name, '_referrers'), ...parts(subject), parts(manifest).join('-')),
    uploads: (name: string) => room(name, '_uploads'),
  });
}

function parts(digest: Digest): [algorithm: string, hex: string] {
  return [digestAlgorithm(digest), digestHex(digest)];
}
