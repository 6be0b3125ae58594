import { fault } from '@onebuild/core';
import { formatSubject, withSubject } from './answer-fault.ts';
import { callRegistry, type RegistryCall } from './call-registry.ts';
import type { ClientContext } from './client-context.ts';
import { nextPage } from './next-page.ts';
import type { Place } from './place.ts';
import type { HttpAnswer } from './transport/http-message.ts';
import { readBytes } from './transport/read-bytes.ts';

/** One page of a list. */
export interface Page {
  readonly answer: HttpAnswer;
  readonly bytes: Uint8Array;
}

const pageLimit = 16 * 1024 * 1024;
const maxPages = 10_000;

/** The pages of a list, fetched as they are read. A list that never ends, or comes back on itself, is refused. */
export async function* readPages(
  context: ClientContext,
  place: Place,
  call: RegistryCall,
): AsyncGenerator<Page> {
  const seen = new Set<string>();
  let target: string | URL | undefined = call.target;
  while (target !== undefined) {
    const from: string | URL = target;
    const page = await place.retry(async () => {
      const answer = await callRegistry(context, place, { ...call, target: from });
      const bytes = await readBytes(answer, pageLimit).catch((error: unknown) => {
        throw withSubject(error, call.subject);
      });
      return { answer, bytes };
    }, call.signal);
    yield page;
    const next = await nextPage(page.answer, (url) => context.places.reach(url, call.signal));
    if (next !== undefined && (seen.has(next.href) || seen.size === maxPages)) {
      throw fault('REGISTRY_PROTOCOL', `${formatSubject(call.subject)}: the list has no end`);
    }
    if (next !== undefined) seen.add(next.href);
    target = next;
  }
}
