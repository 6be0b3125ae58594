import type { Reference } from '@onebuild/oci';
import type { RegistryClient } from '@onebuild/registry/client';
import { allEnded } from '../graph/all-ended.ts';
import type { CacheArtifact } from './cache-artifact.ts';
import { tagOf } from './registry-state.ts';

/** Puts an artifact under a tag: all that it needs first, so that the tag never names half of it. */
export async function pushArtifact(
  client: RegistryClient,
  reference: Reference,
  { artifact, signal }: { readonly artifact: CacheArtifact; readonly signal: AbortSignal },
): Promise<void> {
  const { manifest, parts } = artifact;
  await allEnded(
    parts.map(({ descriptor, bytes }) =>
      client.pushBlob(
        reference,
        { descriptor, open: (offset) => once(bytes.subarray(offset)) },
        { signal, look: false },
      ),
    ),
  );
  const { mediaType } = manifest.descriptor;
  await client.pushManifest(
    reference,
    { bytes: manifest.bytes, mediaType, tag: tagOf(reference) },
    { signal },
  );
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
