import { type Digest, fault } from '@onebuild/core';
import { type Descriptor, mediaTypes } from '@onebuild/oci';
import * as v from 'valibot';
import { readDigest } from '../names.ts';
import type { NewManifest } from '../store/registry-store.ts';
import { AnyManifestSchema, IndexSchema, ManifestSchema, type PushedDescriptor } from './schema.ts';

/** What a pushed manifest says, without its digest and tags. */
export type PushedManifest = Omit<NewManifest, 'digest' | 'tags' | 'subject'> & {
  readonly subject?: { readonly digest: Digest; readonly facts: Omit<Descriptor, 'digest'> };
};

const indexTypes: readonly string[] = [mediaTypes.ociIndex, mediaTypes.dockerIndex];
const manifestTypes: readonly string[] = [mediaTypes.ociManifest, mediaTypes.dockerManifest];

/**
 * Reads a manifest or index as a client sent it. `contentType` comes from the request, and must be what the manifest
 * says of itself.
 *
 * @throws MANIFEST_INVALID
 */
export function parsePushedManifest(bytes: Uint8Array, contentType: string | undefined): PushedManifest {
  const json = readJson(bytes);
  const mediaType = chooseType(json, contentType);
  return indexTypes.includes(mediaType)
    ? readIndex(json, mediaType, bytes)
    : readImage(json, mediaType, bytes);
}

/** The subject of a stored manifest. */
export function subjectOf(bytes: Uint8Array): Digest | undefined {
  return readDigest(v.parse(AnyManifestSchema, readJson(bytes)).subject?.digest ?? '');
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw fault('MANIFEST_INVALID', 'the manifest is not JSON', { cause });
  }
}

/** A document that could be read as both kinds means something else to every client (OCI image spec, "mediaType" hardening). */
function chooseType(json: unknown, contentType: string | undefined): string {
  const { mediaType: stated, ...rest } = read(AnyManifestSchema, json);
  const likeIndex = 'manifests' in rest;
  const likeImage = 'config' in rest || 'layers' in rest;
  if (likeIndex && likeImage)
    throw fault('MANIFEST_INVALID', 'the manifest is an image and an index at once');
  const given = contentType?.split(';', 1)[0]?.trim().toLowerCase() || undefined;
  if (stated !== undefined && given !== undefined && stated !== given) {
    throw fault('MANIFEST_INVALID', `the manifest says it is ${stated}, the request says ${given}`);
  }
  const type = given ?? stated ?? (likeIndex ? mediaTypes.ociIndex : mediaTypes.ociManifest);
  if (!indexTypes.includes(type) && !manifestTypes.includes(type)) {
    throw fault(
      'MANIFEST_INVALID',
      `manifests of type ${JSON.stringify(type.slice(0, 100))} are not supported`,
    );
  }
  return type;
}

function readImage(json: unknown, mediaType: string, bytes: Uint8Array): PushedManifest {
  const image = read(ManifestSchema, json);
  const artifactType = image.artifactType || image.config.mediaType;
  return {
    mediaType,
    bytes,
    blobs: [image.config, ...image.layers].filter(isStoredHere).map(({ digest }) => digest),
    children: [],
    ...withSubject(image, { mediaType, size: bytes.length, artifactType }),
  };
}

function readIndex(json: unknown, mediaType: string, bytes: Uint8Array): PushedManifest {
  const index = read(IndexSchema, json);
  return {
    mediaType,
    bytes,
    blobs: [],
    children: index.manifests.map(({ digest }) => digest),
    ...withSubject(index, {
      mediaType,
      size: bytes.length,
      ...(index.artifactType && { artifactType: index.artifactType }),
    }),
  };
}

/** OCI distribution spec, "Listing Referrers": type, artifact type and annotations of the manifest itself. */
function withSubject(
  said: { subject?: PushedDescriptor | undefined; annotations?: Record<string, string> | null | undefined },
  facts: Omit<Descriptor, 'digest'>,
): Pick<PushedManifest, 'subject'> {
  if (!said.subject) return {};
  const annotations = said.annotations && { annotations: said.annotations };
  return { subject: { digest: said.subject.digest, facts: { ...facts, ...annotations } } };
}

/** Layers that may not be distributed stay where their URLs say (OCI image spec 1.0, layer.md; Docker's foreign layers). */
function isStoredHere({ mediaType }: PushedDescriptor): boolean {
  return !mediaType.includes('.nondistributable.') && !mediaType.includes('.foreign.');
}

function read<S extends v.GenericSchema>(schema: S, json: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, json, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const where = v.getDotPath(issue)?.slice(0, 100);
  throw fault(
    'MANIFEST_INVALID',
    `the manifest is not valid${where ? ` at ${where}` : ''}: ${issue.message.slice(0, 200)}`,
  );
}
