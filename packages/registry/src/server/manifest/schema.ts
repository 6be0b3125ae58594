import type { Digest } from '@onebuild/core';
import * as v from 'valibot';
import { readDigest } from '../names.ts';

const Annotations = v.record(v.string(), v.string());

/** Content descriptors: OCI image spec, descriptor.md. Fields that the registry doesn't read are let through. */
const DescriptorSchema = v.looseObject({
  mediaType: v.pipe(v.string(), v.nonEmpty()),
  digest: v.custom<Digest>(
    (value) => typeof value === 'string' && readDigest(value) !== undefined,
    'not a digest',
  ),
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});

export type PushedDescriptor = v.InferOutput<typeof DescriptorSchema>;

/** OCI image manifest and Docker's image manifest v2, schema 2. */
export const ManifestSchema = v.looseObject({
  schemaVersion: v.literal(2),
  mediaType: v.optional(v.string()),
  artifactType: v.optional(v.string()),
  config: DescriptorSchema,
  layers: v.array(DescriptorSchema),
  subject: v.optional(DescriptorSchema),
  annotations: v.optional(v.nullable(Annotations)),
});

/** OCI image index and Docker's manifest list. */
export const IndexSchema = v.looseObject({
  schemaVersion: v.literal(2),
  mediaType: v.optional(v.string()),
  artifactType: v.optional(v.string()),
  manifests: v.array(DescriptorSchema),
  subject: v.optional(DescriptorSchema),
  annotations: v.optional(v.nullable(Annotations)),
});

/** Enough of either to find out which one it is, and what it refers to. */
export const AnyManifestSchema = v.looseObject({
  mediaType: v.optional(v.string()),
  subject: v.optional(v.nullable(v.looseObject({ digest: v.string() }))),
});
