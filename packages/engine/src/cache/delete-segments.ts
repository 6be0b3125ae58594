import { isFault } from '@onebuild/core';
import type { Reference } from '@onebuild/oci';
import type { RegistryClient } from '@onebuild/registry/client';
import { allEnded } from '../graph/all-ended.ts';
import { segmentReference } from './registry-state.ts';

/** So many go at once; each writer leaves one and takes some away, so that none pile up. */
const most = 16;
/** A build does not wait for it longer. Milliseconds. */
const longestMs = 5000;

/** Deletes the tags of segments, where the registry does that. Where it refused once it is not asked again; that it did is no fault. */
export function createDeleteSegments(client: RegistryClient, reference: Reference) {
  let refused = false;
  const remove = async (segment: Reference, signal: AbortSignal): Promise<void> => {
    try {
      // older registries delete by digest alone; a segment's manifest is like no other
      const { digest } = await client.resolve(segment, { signal, purpose: 'push' });
      await client.deleteManifest({ ...segment, digest }, { signal });
    } catch (error) {
      if (!isFault(error, 'MANIFEST_NOT_FOUND')) throw error;
    }
  };
  return async (ids: readonly string[], signal: AbortSignal): Promise<void> => {
    const [first, ...rest] = ids.slice(0, most).map((id) => segmentReference(reference, id));
    if (first === undefined || refused) return;
    const soon = AbortSignal.any([signal, AbortSignal.timeout(longestMs)]);
    try {
      await remove(first, soon);
      await allEnded(rest.map((segment) => remove(segment, soon)));
    } catch (error) {
      if (signal.aborted) throw error;
      refused = true;
    }
  };
}
