import { createHash } from 'node:crypto';
import { type Digest, fault } from '@onebuild/core';
import { type Descriptor, digestAlgorithm, isDigest, mediaTypes } from '@onebuild/oci';
import * as v from 'valibot';
import { formatSubject, type Subject } from '../answer-fault.ts';
import { printable } from '../printable.ts';
import type { FetchedManifest } from '../registry-client.ts';
import { isSchema1, mediaTypeOf } from './manifest-types.ts';

const ManifestHead = v.looseObject({
  schemaVersion: v.optional(v.number()),
  mediaType: v.optional(v.string()),
  manifests: v.optional(v.array(v.unknown())),
  layers: v.optional(v.array(v.unknown())),
});
type ManifestHead = v.InferOutput<typeof ManifestHead>;

export interface ManifestAnswer {
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
  /** `Docker-Content-Digest` as it came. */
  readonly digestHeader: string | undefined;
}

/**
 * What a registry sent as a manifest, made sure: digest as asked for and as the registry says, one media type.
 * @throws DIGEST_MISMATCH, MANIFEST_INVALID, REGISTRY_PROTOCOL, REGISTRY_UNSUPPORTED
 */
export function checkManifest(
  answer: ManifestAnswer,
  expected: Digest | undefined,
  subject: Subject,
): FetchedManifest {
  const { bytes, digestHeader } = answer;
  const said = digestHeader !== undefined && isDigest(digestHeader) ? digestHeader : undefined;
  const digest = digestLike(expected ?? said, bytes);
  if (expected !== undefined && digest !== expected) {
    throw fault('DIGEST_MISMATCH', `${formatSubject(subject)}: got content with digest ${digest}`);
  }
  if (said !== undefined && digestLike(said, bytes) !== said) {
    throw fault(
      'DIGEST_MISMATCH',
      `${formatSubject(subject)}: got content with digest ${digest}, announced as ${said}`,
    );
  }
  const mediaType = checkMediaType(bytes, mediaTypeOf(answer.contentType), subject);
  return { descriptor: { mediaType, digest, size: bytes.length } satisfies Descriptor, bytes };
}

function digestLike(example: Digest | undefined, bytes: Uint8Array): Digest {
  const algorithm = example === undefined ? 'sha256' : digestAlgorithm(example);
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest;
}

function checkMediaType(bytes: Uint8Array, header: string, subject: Subject): string {
  if (header === 'text/html') {
    throw fault(
      'REGISTRY_PROTOCOL',
      `${formatSubject(subject)}: ${subject.registry} answered with a web page`,
    );
  }
  if (isSchema1(header)) throw schema1(subject);
  const head = parseHead(bytes, subject);
  if (head.schemaVersion === 1) throw schema1(subject);
  const known = header.startsWith('application/vnd.');
  if (head.mediaType !== undefined) {
    // a type that depends on who looks lets one digest be two images (OCI image spec, security advisory on mediaType)
    if (known && head.mediaType !== header) {
      throw fault(
        'MANIFEST_INVALID',
        `${formatSubject(subject)} calls itself ${printable(head.mediaType)} but came as ${printable(header)}`,
      );
    }
    return head.mediaType;
  }
  if (known) return header;
  return head.manifests !== undefined ? mediaTypes.ociIndex : mediaTypes.ociManifest;
}

function parseHead(bytes: Uint8Array, subject: Subject): ManifestHead {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw fault('MANIFEST_INVALID', `${formatSubject(subject)} is not JSON`, { cause });
  }
  const head = v.safeParse(ManifestHead, json);
  if (
    !head.success ||
    Array.isArray(json) ||
    (head.output.manifests !== undefined && head.output.layers !== undefined)
  ) {
    throw fault('MANIFEST_INVALID', `${formatSubject(subject)} is neither a manifest nor an index`);
  }
  return head.output;
}

function schema1(subject: Subject) {
  return fault('REGISTRY_UNSUPPORTED', `${formatSubject(subject)} is in Docker's old format, schema 1`, {
    hint: 'Push the image again with a current tool; it will have another digest.',
  });
}
