import type { Digest } from '@onebuild/core';
import { isRepositoryName, isTag, isUploadId, readDigest } from '../names.ts';
import type { Exchange } from './exchange.ts';
import { refuse } from './refusal.ts';

/** The repository that a request names. */
export function repositoryOf(exchange: Exchange): string {
  return checkName(exchange.parts[0] ?? '');
}

export function checkName(text: string): string {
  if (!isRepositoryName(text)) throw refuse('NAME_INVALID', 'the repository name is not valid');
  return text;
}

/** The digest at the end of the path. */
export function digestOfPath(exchange: Exchange): Digest {
  return checkDigest(exchange.parts[1] ?? '');
}

export function checkDigest(text: string): Digest {
  const digest = readDigest(text);
  if (!digest) throw refuse('DIGEST_INVALID', 'the digest is not valid, or its algorithm is not supported');
  return digest;
}

/** The tag or digest at the end of the path. What is neither can't be written; to who reads, it isn't there. */
export function targetOf(exchange: Exchange): { readonly digest: Digest } | { readonly tag: string } {
  const text = exchange.parts[1] ?? '';
  if (text.includes(':')) return { digest: checkDigest(text) };
  if (exchange.method !== 'PUT' && !isTag(text)) throw refuse('MANIFEST_UNKNOWN', 'no such tag');
  return { tag: checkTag(text) };
}

export function checkTag(text: string): string {
  if (!isTag(text)) throw refuse('MANIFEST_INVALID', 'the tag is not valid');
  return text;
}

export function uploadIdOf(exchange: Exchange): string {
  const id = exchange.parts[1] ?? '';
  if (!isUploadId(id)) throw refuse('BLOB_UPLOAD_UNKNOWN', 'no such upload');
  return id;
}

/** `n`, where it is given; a page is never larger than `most`. */
export function pageSize(exchange: Exchange, most: number): number {
  const text = exchange.query.get('n');
  if (text === null) return most;
  if (!/^\d{1,15}$/.test(text)) throw refuse('UNSUPPORTED', 'n is not a number', { status: 400 });
  return Math.min(Number(text), most);
}
