import type { IncomingMessage } from 'node:http';
import { posix } from 'node:path';
import { fault, registerSecret } from '@onebuild/core';

export interface HttpAnswer {
  readonly status: number;
  readonly body: IncomingMessage;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  readonly filename: string;
}

export interface HttpRequestOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly proxy?: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
}

export const mostRedirects = 10;
/** A peer that says nothing for so long is gone. Milliseconds. */
const patience = 60_000;

/**
 * GET, with redirects followed. The caller reads or destroys the body.
 * @throws SOURCE_FETCH for other schemes and endless redirects, errors of node:http
 */
export async function requestSource(url: string, options: HttpRequestOptions): Promise<HttpAnswer> {
  let at = checkedUrl(url, url);
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const body = await get(at, options);
    const { location, etag } = body.headers;
    const status = body.statusCode ?? 0;
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined) {
      return { status, body, etag, lastModified: body.headers['last-modified'], filename: nameOf(body, at) };
    }
    body.destroy();
    at = checkedUrl(location, at.href);
  }
  throw fault('SOURCE_FETCH', `${url} redirects more than ${mostRedirects} times`, {
    details: { retry: false },
  });
}

function checkedUrl(text: string, base: string): URL {
  const url = URL.parse(text, base);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw fault('SOURCE_FETCH', `${JSON.stringify(text.slice(0, 200))} is not an http or https URL`, {
      details: { retry: false },
    });
  }
  return url;
}

async function get(url: URL, options: HttpRequestOptions): Promise<IncomingMessage> {
  const module = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const agent = new module.Agent({ proxyEnv: proxyOf(options.proxy ?? {}) });
  const { username, password } = url;
  const auth = username ? `${decoded(username)}:${decoded(password)}` : undefined;
  registerSecret(decoded(password || username));
  return new Promise((resolve, reject) => {
    const request = module.get(url, {
      agent,
      headers: { ...options.headers, 'accept-encoding': 'identity', 'user-agent': 'onebuild' },
      signal: options.signal,
      timeout: patience,
      ...(auth && { auth }),
    });
    request.once('response', resolve).on('error', reject);
    request.once('timeout', () => {
      request.destroy(Object.assign(new Error(`no answer for ${patience / 1000} s`), { code: 'ETIMEDOUT' }));
    });
  });
}

/** The names that Node's agents know. */
function proxyOf(proxy: Readonly<Record<string, string>>): Record<string, string> {
  const known = Object.entries(proxy).filter(([name]) => /^(?:https?|no)_proxy$/i.test(name));
  return Object.fromEntries(known.map(([name, value]) => [name.toUpperCase(), value]));
}

/** RFC 6266, the plain form; else the last part of the URL's path. Only a bare name is taken. */
function nameOf(body: IncomingMessage, url: URL): string {
  const disposition = body.headers['content-disposition'] ?? '';
  const said = /;\s*filename="?([^";]+)"?/i.exec(disposition)?.[1];
  const name = posix.basename(said ?? decoded(url.pathname)).trim();
  return name === '.' || name === '..' || name.includes('\0') ? '' : name;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
