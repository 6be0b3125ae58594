import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RegistryStore } from '../store/registry-store.ts';

/** One request with its answer, as routes see it. */
export interface Exchange {
  readonly store: RegistryStore;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly query: URLSearchParams;
  /** The parts of the path that the route names, decoded and not yet checked. */
  readonly parts: readonly string[];
  /** The body, once; tells a client that waits for it (`Expect: 100-continue`) to send. Fails when the client breaks off. */
  body(): AsyncIterable<Uint8Array>;
}

export type Headers = Readonly<Record<string, string | number | readonly string[]>>;

/** Answers without a body. */
export function reply(exchange: Exchange, status: number, headers: Headers = {}): void {
  const { response } = exchange;
  response.writeHead(status, { ...headers, ...(status === 204 ? {} : { 'Content-Length': 0 }) }).end();
}

/** Answers with bytes; a HEAD request gets the headers alone. */
export function replyBytes(exchange: Exchange, bytes: Uint8Array, headers: Headers): void {
  exchange.response.writeHead(200, { 'Content-Length': bytes.length, ...headers });
  exchange.response.end(exchange.method === 'HEAD' ? undefined : bytes);
}

export function replyJson(exchange: Exchange, value: unknown, headers: Headers = {}): void {
  replyBytes(exchange, Buffer.from(JSON.stringify(value)), {
    'Content-Type': 'application/json',
    ...headers,
  });
}

/** Whether the client has the content already (RFC 9110, section 13.1.2); an answer is given then. */
export function replyUnchanged(exchange: Exchange, digest: string): boolean {
  const known = exchange.request.headers['if-none-match'];
  if (known === undefined) return false;
  const tags = known.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (!tags.includes(`"${digest}"`) && !tags.includes('*')) return false;
  exchange.response.writeHead(304, { ETag: `"${digest}"`, 'Docker-Content-Digest': digest }).end();
  return true;
}
