import type { Digest } from '@onebuild/core';
import { type Descriptor, isDigest } from '@onebuild/oci';
import * as v from 'valibot';

/** A manifest that refers to another one, as a list of referrers shows it. */
export interface Referrer {
  readonly subject: Digest;
  readonly descriptor: Descriptor;
}

const ReferringManifest = v.object({
  subject: v.object({ digest: v.pipe(v.string(), v.check(isDigest)) }),
  artifactType: v.optional(v.string()),
  config: v.optional(v.object({ mediaType: v.optional(v.string()) })),
  annotations: v.optional(v.record(v.string(), v.string())),
});

/**
 * What a manifest with a `subject` must look like in a list of referrers (OCI distribution spec, "Pushing Manifests
 * with Subject"); undefined for one without.
 */
export function readReferrer(bytes: Uint8Array, descriptor: Descriptor): Referrer | undefined {
  const text = Buffer.from(bytes).toString('utf8');
  if (!text.includes('"subject"')) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const manifest = v.safeParse(ReferringManifest, json);
  if (!manifest.success) return undefined;
  const { subject, annotations, config } = manifest.output;
  const artifactType = manifest.output.artifactType || config?.mediaType;
  return {
    subject: subject.digest as Digest,
    descriptor: { ...descriptor, ...(artifactType && { artifactType }), ...(annotations && { annotations }) },
  };
}
