import { createHash } from 'node:crypto';
import type { Digest } from '@onebuild/core';
import { isFault } from '@onebuild/core';
import { type PushedManifest, parsePushedManifest } from '../manifest/pushed-manifest.ts';
import { algorithmOf } from '../names.ts';
import type { DigestAlgorithm } from '../store/registry-store.ts';
import { type Exchange, reply, replyBytes, replyUnchanged } from './exchange.ts';
import { checkTag, repositoryOf, targetOf } from './path-parts.ts';
import { readBounded } from './read-bounded.ts';
import { refuse } from './refusal.ts';

/** The size that the spec wants every registry to take, "Pushing Manifests". */
const manifestLimit = 4 * 1024 * 1024;
const tagLimit = 100;

/** end-3, GET and HEAD */
export async function getManifest(exchange: Exchange): Promise<void> {
  const { manifests } = exchange.store;
  const repository = repositoryOf(exchange);
  const target = targetOf(exchange);
  const digest = 'digest' in target ? target.digest : await manifests.resolve(repository, target.tag);
  const manifest = digest && (await manifests.get(repository, digest));
  if (!manifest) throw unknownManifest(exchange);
  if (replyUnchanged(exchange, manifest.digest)) return;
  replyBytes(exchange, manifest.bytes, {
    'Content-Type': manifest.mediaType,
    'Docker-Content-Digest': manifest.digest,
    ETag: `"${manifest.digest}"`,
  });
}

/** end-7a and 7b */
export async function putManifest(exchange: Exchange): Promise<void> {
  const repository = repositoryOf(exchange);
  const target = targetOf(exchange);
  const tags = 'tag' in target ? [target.tag] : tagsOfQuery(exchange);
  const bytes = await readBounded(exchange, manifestLimit);
  const digest = digestFor(bytes, 'digest' in target ? algorithmOf(target.digest) : 'sha256');
  if ('digest' in target && target.digest !== digest) {
    throw refuse('DIGEST_INVALID', 'the manifest does not have the digest', { detail: { digest } });
  }
  const { subject, ...pushed } = parseOrRefuse(bytes, exchange.request.headers['content-type']);
  const missing = await exchange.store.manifests.put(repository, {
    ...pushed,
    digest,
    tags,
    ...(subject && { subject: { digest: subject.digest, referrer: { ...subject.facts, digest } } }),
  });
  if (missing.length > 0) {
    const detail = missing.slice(0, 100).map((absent) => ({ digest: absent }));
    throw refuse('MANIFEST_BLOB_UNKNOWN', 'the manifest needs content that is not in the repository', {
      detail,
    });
  }
  reply(exchange, 201, {
    Location: `/v2/${repository}/manifests/${digest}`,
    'Docker-Content-Digest': digest,
    ...(subject && { 'OCI-Subject': subject.digest }),
    ...('digest' in target && tags.length > 0 && { 'OCI-Tag': tags.join(', ') }),
  });
}

/** end-9 */
export async function deleteManifest(exchange: Exchange): Promise<void> {
  const { manifests } = exchange.store;
  const repository = repositoryOf(exchange);
  const target = targetOf(exchange);
  const removed =
    'digest' in target
      ? await manifests.delete(repository, target.digest)
      : await manifests.deleteTag(repository, target.tag);
  if (!removed) throw unknownManifest(exchange);
  reply(exchange, 202);
}

function unknownManifest(exchange: Exchange) {
  return refuse('MANIFEST_UNKNOWN', 'the repository has no such manifest', {
    detail: { reference: exchange.parts[1] },
  });
}

function tagsOfQuery(exchange: Exchange): string[] {
  const tags = [...new Set(exchange.query.getAll('tag'))];
  if (tags.length > tagLimit) throw refuse('MANIFEST_INVALID', 'too many tags', { status: 414 });
  return tags.map(checkTag);
}

function digestFor(bytes: Uint8Array, algorithm: DigestAlgorithm): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest;
}

function parseOrRefuse(bytes: Uint8Array, contentType: string | undefined): PushedManifest {
  try {
    return parsePushedManifest(bytes, contentType);
  } catch (error) {
    if (isFault(error, 'MANIFEST_INVALID')) throw refuse('MANIFEST_INVALID', error.message);
    throw error;
  }
}
