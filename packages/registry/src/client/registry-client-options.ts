import type { Clock } from '@onebuild/core';
import type { CredentialSource } from './credentials/credential-source.ts';

/** A place that is asked before a registry itself when something is pulled. */
export interface Mirror {
  /**
   * `http://` or `https://`, host, and optionally a path that goes in front of every repository:
   * `https://harbor.example.com/dockerhub` makes `docker.io/library/debian` `dockerhub/library/debian` there.
   * Without a scheme: `https://`, or what {@link RegistryClientOptions.insecure} and loopback allow.
   */
  readonly url: string;
}

export interface RetryOptions {
  /** How often one request is made at most, the first time included; at least 1. */
  readonly attempts: number;
  /** Milliseconds: the first pause is between 0 and this, each further one up to twice as long. */
  readonly baseDelayMs: number;
  /** Milliseconds: no pause of our own choice is longer. */
  readonly maxDelayMs: number;
  /** Milliseconds: a `Retry-After` that asks for more ends the retries instead. */
  readonly maxRetryAfterMs: number;
}

export interface TimeoutOptions {
  /** Milliseconds until a connection, TLS included, must stand. */
  readonly connectMs: number;
  /** Milliseconds that the peer may stay silent while we wait for it. There is no limit on a whole transfer. */
  readonly idleMs: number;
}

export interface ProxyOptions {
  /** Proxy for `http:` and `https:` addresses, `http://[user:password@]host:port`. */
  readonly http?: string;
  readonly https?: string;
  /** Hosts that are reached directly, in the form of `NO_PROXY`: names with their subdomains, addresses, CIDR, `*`. */
  readonly no?: string;
}

/** All that a client may know of its surroundings; it reads no environment. Keys named "registry" are `host[:port]`. */
export interface RegistryClientOptions {
  readonly credentials?: CredentialSource;
  /** Tried in order before the registry, for pulls; whatever fails there is asked of the registry. */
  readonly mirrors?: Readonly<Record<string, readonly Mirror[]>>;
  /**
   * Another address for a registry, in the form of {@link Mirror.url}, for everything: what token servers, redirects and upload
   * locations write with the registry's own name is asked there, too. Names, also those of credentials, stay as they are.
   */
  readonly endpoints?: Readonly<Record<string, string>>;
  /** Hosts (`host`, `host:port`, CIDR) where TLS isn't verified and plain HTTP is taken when there is no TLS. */
  readonly insecure?: readonly string[];
  /** Authorities trusted beside those of Node and of the system, PEM. */
  readonly ca?: readonly string[];
  /** Leave out the system's authorities. */
  readonly systemCa?: boolean;
  /** Folders in the form of Docker's `certs.d`: `HOST[:PORT]/{*.crt,*.cert,*.key}`; the first that has the host counts. */
  readonly certsDirs?: readonly string[];
  /** Certificates that we show, by registry host; PEM. */
  readonly clientCertificates?: Readonly<Record<string, ClientCertificate>>;
  readonly proxy?: ProxyOptions;
  readonly userAgent?: string;
  readonly retry?: Partial<RetryOptions>;
  readonly maxConnectionsPerHost?: number;
  readonly timeouts?: Partial<TimeoutOptions>;
  /**
   * Bytes per `PATCH` for uploads in chunks; 0 sends each blob in one piece, which is the default. A registry that
   * refuses one piece as too large (413) gets chunks anyway.
   */
  readonly chunkBytes?: number;
  readonly clock?: Clock;
  /** 0 to 1, as `Math.random`; spreads pauses. */
  readonly random?: () => number;
  /** Waits so many milliseconds; rejects when the signal aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}
