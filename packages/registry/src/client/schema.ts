import type { Digest } from '@onebuild/core';
import { isDigest } from '@onebuild/oci';
import * as v from 'valibot';

const DigestText = v.pipe(
  v.string(),
  v.check(isDigest),
  v.transform((text) => text as Digest),
);

/** A descriptor in a list of referrers; what isn't named is left out. */
export const ListedDescriptor = v.object({
  mediaType: v.string(),
  digest: DigestText,
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  artifactType: v.optional(v.string()),
  annotations: v.optional(v.record(v.string(), v.string())),
});

/** OCI distribution spec, "Listing Referrers": an image index. */
export const ReferrersList = v.object({
  schemaVersion: v.literal(2),
  manifests: v.nullish(v.array(ListedDescriptor), []),
});

/** OCI distribution spec, "Listing Tags"; some registries write `null` for none. */
export const TagsList = v.object({
  tags: v.nullable(v.array(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/)))),
});

/** JSON of a given shape, or undefined. */
export function parseJsonAs<S extends v.GenericSchema>(
  schema: S,
  bytes: Uint8Array,
): v.InferOutput<S> | undefined {
  try {
    const result = v.safeParse(schema, JSON.parse(Buffer.from(bytes).toString('utf8')));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
