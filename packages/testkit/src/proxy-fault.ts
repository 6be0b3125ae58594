import type { IncomingHttpHeaders } from 'node:http';

/** A request as it reached a proxy. */
export interface ProxyRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Counts from 1. */
  readonly number: number;
}

/** What is broken at a request; undefined: nothing. */
export type Script = (request: ProxyRequest) => ProxyFault | undefined;

/** An answer of the registry, before it is passed on. */
export interface ProxyAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/**
 * One fault. At `request` the registry never hears of it; at `answer` it has done what was asked, and nobody learns;
 * at `body` so many bytes of the answer's body still come, and then the end of the connection; at `upload` so many bytes of the request's body still go.
 */
export type ProxyFault =
  | { readonly do: 'reset' | 'stall'; readonly at: 'request' }
  | { readonly do: 'reset' | 'stall'; readonly at: 'answer' }
  | { readonly do: 'reset' | 'stall'; readonly at: 'body'; readonly bytes: number }
  | { readonly do: 'reset'; readonly at: 'upload'; readonly bytes: number }
  /** A body that ends early as if it were whole. */
  | { readonly do: 'truncate'; readonly bytes: number }
  /** One bit of the body is another one: of the answer's, of the request's. */
  | { readonly do: 'garble' | 'garble upload' }
  /** Given without asking the registry. */
  | {
      readonly do: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      /** What happens to it on its way. */
      readonly broken?: ProxyFault | undefined;
    }
  /** Asks the registry, and changes what it said. */
  | { readonly do: 'edit'; readonly edit: (answer: ProxyAnswer) => Partial<ProxyAnswer> };

/** A script that breaks one request, or it and all that follow. */
export function atRequest(
  number: number,
  fault: ProxyFault,
  options: { readonly on?: boolean } = {},
): Script {
  return (request) =>
    request.number === number || (options.on === true && request.number > number) ? fault : undefined;
}

/** A script that breaks requests of a kind: the first `times` of them, or all. `what` is matched against `METHOD URL`. */
export function atMatch(what: RegExp, fault: ProxyFault, times = Number.POSITIVE_INFINITY): Script {
  let left = times;
  return ({ method, url }) => (what.test(`${method} ${url}`) && left-- > 0 ? fault : undefined);
}

/** Puts an answer's headers right or wrong; undefined takes one out. */
export function withHeaders(headers: ProxyAnswer['headers']): ProxyFault {
  return { do: 'edit', edit: (answer) => ({ headers: { ...answer.headers, ...headers } }) };
}
