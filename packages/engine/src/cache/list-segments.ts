import { isFault } from '@onebuild/core';
import type { RegistryClient, Repository } from '@onebuild/registry/client';
import { isSegmentId } from './segment-tags.ts';

export interface ListOptions {
  /** What the tags of all segments start with. */
  readonly prefix: string;
  /** Leaves out what comes before the prefix: quicker, for registries that give tags in order. */
  readonly skip: boolean;
  readonly signal: AbortSignal;
}

/** So many tags in ascending order show that a registry gives all of them so. */
const enoughToBelieve = 100;

/**
 * Ids of the segments that a repository has; undefined where the registry does not list tags to us. Of a repository with many other
 * tags no more pages are read than need be.
 */
export async function listSegments(
  client: RegistryClient,
  repository: Repository,
  { prefix, skip, signal }: ListOptions,
): Promise<readonly string[] | undefined> {
  const found: string[] = [];
  let seen = 0;
  let ordered = true;
  let last = '';
  try {
    for await (const tag of client.tags(repository, { signal, ...(skip && { after: prefix }) })) {
      if (tag.startsWith(prefix) && isSegmentId(tag.slice(prefix.length)))
        found.push(tag.slice(prefix.length));
      ordered &&= last < tag;
      last = tag;
      seen++;
      if (ordered && seen >= enoughToBelieve && tag > prefix && !tag.startsWith(prefix)) break;
    }
  } catch (error) {
    if (isFault(error, 'MANIFEST_NOT_FOUND')) return [];
    const refused = isFault(
      error,
      'REGISTRY_DENIED',
      'REGISTRY_UNAUTHORIZED',
      'REGISTRY_UNSUPPORTED',
      'REGISTRY_PROTOCOL',
    );
    if (!refused) throw error;
    // some want a tag after `last=`, and nothing else
    return skip ? listSegments(client, repository, { prefix, skip: false, signal }) : undefined;
  }
  return found;
}
