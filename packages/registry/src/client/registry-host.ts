import { type Clock, fault, isFault, type OneBuildError } from '@onebuild/core';
import { type Authorizer, type AuthorizerOptions, createAuthorizer } from './auth/authorizer.ts';
import type { CredentialSource } from './credentials/credential-source.ts';
import { createSingleFlight } from './single-flight.ts';
import { type HostMatcher, isLoopback } from './transport/host-pattern.ts';
import type { SendRequest } from './transport/http-message.ts';

/** A machine that serves the distribution API. */
export interface RegistryHost {
  /** Root of its addresses, ends in `/`. Finds out, once, whether it speaks TLS where both may be. */
  origin(signal: AbortSignal | undefined): Promise<URL>;
  readonly authorizer: Authorizer;
}

export interface RegistryHostOptions {
  /** `host[:port]`, with or without scheme. */
  readonly address: string;
  /** Name whose credentials count. */
  readonly registry: string;
  readonly credentials: CredentialSource;
  readonly insecure: HostMatcher;
  readonly send: SendRequest;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly reach: AuthorizerOptions['reach'];
}

export function createRegistryHost(options: RegistryHostOptions): RegistryHost {
  const candidates = originCandidates(options.address, options.insecure);
  const [only] = candidates;
  let found = candidates.length === 1 ? only : undefined;
  const share = createSingleFlight<URL>();
  return {
    async origin(signal) {
      found ??= await share('', signal, (shared) => probe(candidates, { ...options, signal: shared }));
      return found;
    },
    authorizer: createAuthorizer({
      ...options,
      plainAllowed: (url) =>
        url.protocol === 'https:' ||
        isLoopback(url) ||
        options.insecure(url) ||
        (found?.protocol === 'http:' && found.hostname === url.hostname),
    }),
  };
}

/** @throws REFERENCE_INVALID when the address is none */
function originCandidates(address: string, insecure: HostMatcher): readonly URL[] {
  const written = /^(https?):\/\//i.exec(address);
  const parse = (scheme: string) => {
    const url = URL.parse(`${scheme}://${written ? address.slice(written[0].length) : address}`);
    if (url === null || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
      throw fault('REFERENCE_INVALID', 'an address of a registry is not valid; it is host[:port]');
    }
    return new URL('/', url);
  };
  if (written) return [parse((written[1] ?? 'https').toLowerCase())];
  const https = parse('https');
  // the standard port is not in the URL
  if (isLoopback(https)) return https.port === '' ? [https, parse('http')] : [parse('http'), https];
  return insecure(https) || insecure(parse('http')) ? [https, parse('http')] : [https];
}

/** The first candidate that answers as a server of its scheme does. */
async function probe(
  candidates: readonly URL[],
  { send, userAgent, signal }: { send: SendRequest; userAgent: string; signal: AbortSignal },
): Promise<URL> {
  const failures: unknown[] = [];
  let doubtful: URL | undefined;
  for (const candidate of candidates) {
    try {
      const url = new URL('/v2/', candidate);
      const headers = { 'user-agent': userAgent };
      const answer = await send({ method: 'GET', url, headers, redirects: 'none', signal });
      await answer.discard();
      // what TLS servers say to plain HTTP
      if (answer.status !== 400) return candidate;
      doubtful ??= candidate;
    } catch (error) {
      if (isFault(error, 'CANCELED')) throw error;
      failures.push(error);
    }
  }
  // a break says nothing of the scheme: another try may
  const passing = failures.find(isBreak);
  if (doubtful !== undefined && passing === undefined) return doubtful;
  // a certificate that is not trusted says more than a TLS server's answer to plain HTTP
  throw failures.find(isCertificateFault) ?? passing ?? failures[0];
}

function isBreak(error: unknown): boolean {
  return isFault(error, 'REGISTRY_UNREACHABLE') && error.details.reason !== 'ECONNREFUSED';
}

/** Told apart from a peer that speaks no TLS at all. */
function isCertificateFault(error: unknown): error is OneBuildError {
  return isFault(error, 'REGISTRY_TLS') && !/^(?:EPROTO|ERR_SSL_)/.test(String(error.details.reason));
}
