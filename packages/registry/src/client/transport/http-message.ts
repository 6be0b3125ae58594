import type { IncomingHttpHeaders } from 'node:http';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: HttpBody;
  /** `none`: an answer that redirects is the answer. */
  readonly redirects?: 'none';
  readonly signal?: AbortSignal | undefined;
}

/** A body of known length that can be had again when the request has to be made again. */
export interface HttpBody {
  /** Bytes that `open` yields, exactly. */
  readonly length: number;
  open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Head of an answer. Whoever gets one must either iterate `body` to its end or call `discard`. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  /** Can be iterated once; leaving early ends the connection. Throws REGISTRY_UNREACHABLE when the peer breaks off or falls silent. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets go of the rest; when it resolves, the connection is free for the next request, or gone where that is cheaper. */
  discard(): Promise<void>;
}

/** Makes one request. @throws REGISTRY_UNREACHABLE, REGISTRY_TLS, REGISTRY_PROTOCOL, CANCELED */
export type SendRequest = (request: HttpRequest) => Promise<HttpAnswer>;
