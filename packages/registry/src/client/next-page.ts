import { fault } from '@onebuild/core';
import type { HttpAnswer } from './transport/http-message.ts';

/**
 * Address of the next page (OCI distribution spec, "Listing Tags"; RFC 8288). Only the same list on the same host is
 * followed. @throws REGISTRY_PROTOCOL for any other
 *
 * @param reach where an address is reached from here, when that is elsewhere
 */
export async function nextPage(
  answer: HttpAnswer,
  reach: (url: URL) => Promise<URL>,
): Promise<URL | undefined> {
  const header = answer.headers.link;
  const text = Array.isArray(header) ? header.join(', ') : header;
  const target = text === undefined ? undefined : findNext(text);
  if (target === undefined) return undefined;
  const named = URL.parse(target, answer.url.href);
  const url = named && (await reach(named));
  if (url === null || url.host !== answer.url.host || url.pathname !== answer.url.pathname) {
    throw fault('REGISTRY_PROTOCOL', `${answer.url.host} sends the reader of a list somewhere else`);
  }
  // behind a proxy that ends TLS the scheme may be written wrong
  return new URL(url.pathname + url.search, answer.url.origin);
}

function findNext(header: string): string | undefined {
  if (header.length > 16 * 1024) return undefined;
  for (const [, target, parameters = ''] of header.matchAll(/<([^<>]*)>([^<]*)/g)) {
    if (/;\s*rel\s*=\s*(?:"next"|next\b)/i.test(parameters)) return target;
  }
  return undefined;
}
