import { type Digest, isFault } from '@onebuild/core';
import { type Descriptor, mediaTypes } from '@onebuild/oci';
import type { Subject } from './answer-fault.ts';
import { accessTo } from './call-registry.ts';
import type { ClientContext } from './client-context.ts';
import type { Place } from './place.ts';
import { mediaTypeOf } from './pull/manifest-types.ts';
import { readReferrersTag } from './push/referrers-tag.ts';
import { readPages } from './read-pages.ts';
import type { CallOptions, Repository } from './registry-client.ts';
import { parseJsonAs, ReferrersList } from './schema.ts';

export type ReferrersOptions = CallOptions & { readonly artifactType?: string };

const maxReferrers = 100_000;

/** Manifests that refer to `digest`, by the referrers API or, where the registry has none, by the tag that stands in for it. */
export async function listReferrers(
  context: ClientContext,
  repository: Repository,
  digest: Digest,
  options: ReferrersOptions = {},
): Promise<readonly Descriptor[]> {
  const place = context.places.home(repository);
  const listed =
    (await askApi(context, place, digest, options)) ??
    (await readReferrersTag(context, repository, digest, options));
  const { artifactType } = options;
  // a registry may filter; whether it did makes no difference to what is left
  return artifactType === undefined ? listed : listed.filter((item) => item.artifactType === artifactType);
}

/** Undefined where the registry has no such API. */
async function askApi(
  context: ClientContext,
  place: Place,
  digest: Digest,
  options: ReferrersOptions,
): Promise<readonly Descriptor[] | undefined> {
  const { artifactType, signal } = options;
  const filter = artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(artifactType)}`;
  const subject: Subject = {
    kind: 'manifest',
    registry: place.registry,
    repository: place.repository,
    name: digest,
  };
  const found: Descriptor[] = [];
  const pages = readPages(context, place, {
    method: 'GET',
    target: `referrers/${digest}${filter}`,
    headers: { accept: mediaTypes.ociIndex },
    access: accessTo(place, 'pull'),
    accept: [200],
    subject,
    signal,
  });
  try {
    for await (const { answer, bytes } of pages) {
      const list = parseJsonAs(ReferrersList, bytes);
      if (list === undefined || mediaTypeOf(answer.headers['content-type']) === 'text/html') return undefined;
      found.push(...(list.manifests ?? []));
      if (found.length > maxReferrers) return found;
    }
    return found;
  } catch (error) {
    if (isUnsupported(error)) return undefined;
    throw error;
  }
}

/** How registries of before 1.1 answer an address that they don't know. */
function isUnsupported(error: unknown): boolean {
  return isFault(error) && [400, 404, 405, 406, 501].includes(Number(error.details.status));
}
