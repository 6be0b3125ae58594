import { fault } from '@onebuild/core';
import type { HttpAnswer, HttpRequest, SendRequest } from './http-message.ts';

const maxHops = 5;
const anyMethod = new Set([307, 308]);
const readingOnly = new Set([301, 302, 303, 307, 308]);

/** Decorator that follows redirects; credentials stay with the host they were meant for. */
export function followRedirects(
  send: SendRequest,
  options: {
    readonly plainAllowed: (url: URL) => boolean;
    /** Where an address is reached from here, when that is elsewhere. */
    readonly reach?: (url: URL, signal: AbortSignal | undefined) => Promise<URL>;
  },
): SendRequest {
  const reach = options.reach ?? (async (url) => url);
  return async (first) => {
    if (first.redirects === 'none') return await send(first);
    let request = first;
    for (let hop = 0; ; hop++) {
      const answer = await send(request);
      if (!isRedirect(request, answer)) return answer;
      await answer.discard();
      if (hop === maxHops) {
        throw fault('REGISTRY_PROTOCOL', `${first.url.host} redirects more than ${maxHops} times`);
      }
      const named = readTarget(request.url, answer.headers.location);
      const target = checkTarget(request.url, await reach(named, request.signal), options.plainAllowed);
      request = { ...request, url: target, headers: headersFor(request, target) };
    }
  };
}

function isRedirect(request: HttpRequest, answer: HttpAnswer): boolean {
  const reading = request.method === 'GET' || request.method === 'HEAD';
  return (reading ? readingOnly : anyMethod).has(answer.status);
}

function readTarget(from: URL, location: string | undefined): URL {
  const target = location === undefined ? null : URL.parse(location, from.href);
  if (target === null || (target.protocol !== 'https:' && target.protocol !== 'http:')) {
    throw fault('REGISTRY_PROTOCOL', `${from.host} redirects to no http address`);
  }
  return target;
}

function checkTarget(from: URL, to: URL, plainAllowed: (url: URL) => boolean): URL {
  if (from.protocol === 'https:' && to.protocol === 'http:' && !plainAllowed(to)) {
    throw fault('REGISTRY_PROTOCOL', `${from.host} redirects from https to http at ${to.host}`, {
      hint: 'Let the registry redirect to https, or name the http address as its endpoint.',
    });
  }
  const target = new URL(to);
  target.username = '';
  target.password = '';
  return target;
}

function headersFor(request: HttpRequest, target: URL): HttpRequest['headers'] {
  if (target.origin === request.url.origin) return request.headers;
  return Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => name.toLowerCase() !== 'authorization'),
  );
}
