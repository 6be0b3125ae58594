import { fault } from '@onebuild/core';
import { formatSubject, type Subject } from './answer-fault.ts';
import { accessTo } from './call-registry.ts';
import type { ClientContext } from './client-context.ts';
import { readPages } from './read-pages.ts';
import type { Repository, TagsOptions } from './registry-client.ts';
import { parseJsonAs, TagsList } from './schema.ts';

const perPage = 1000;

/** Tags of a repository, in the registry's order, page by page. @throws MANIFEST_NOT_FOUND for an unknown repository */
export async function* listTags(
  context: ClientContext,
  repository: Repository,
  options: TagsOptions = {},
): AsyncGenerator<string> {
  const place = context.places.home(repository);
  const subject: Subject = {
    kind: 'repository',
    registry: repository.registry,
    repository: repository.repository,
  };
  const after = options.after === undefined ? '' : `&last=${encodeURIComponent(options.after)}`;
  const pages = readPages(context, place, {
    method: 'GET',
    target: `tags/list?n=${perPage}${after}`,
    headers: { accept: 'application/json' },
    access: accessTo(place, 'pull'),
    accept: [200],
    subject,
    signal: options.signal,
  });
  for await (const { bytes } of pages) {
    const page = parseJsonAs(TagsList, bytes);
    if (page === undefined) {
      throw fault('REGISTRY_PROTOCOL', `${formatSubject(subject)}: the registry sent no list of tags`);
    }
    yield* page.tags ?? [];
  }
}
