import { fault, isFault, type OneBuildError } from '@onebuild/core';

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'broke off the connection',
  EPIPE: 'broke off the connection',
  ETIMEDOUT: 'did not answer in time',
  EHOSTUNREACH: 'has no route from here',
  ENETUNREACH: 'has no route from here',
  ENOTFOUND: 'is a host name that does not resolve',
  EAI_AGAIN: 'could not be looked up just now',
};

const tlsCodes =
  /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|EPROTO$)/;

/** What a thrown thing of Node's network layer means, in words that name the address and nothing secret. */
export function networkFault(error: unknown, url: URL, signal?: AbortSignal): OneBuildError {
  if (signal?.aborted === true) {
    return fault('CANCELED', `the request to ${url.host} was canceled`, { cause: signal.reason });
  }
  if (isFault(error)) return error;
  const code = errorCode(error);
  const details = { host: url.host, reason: code };
  if (tlsCodes.test(code)) {
    return fault('REGISTRY_TLS', `TLS with ${url.host} failed: ${code}`, { details, cause: error });
  }
  if (code.startsWith('HPE_')) {
    return fault('REGISTRY_PROTOCOL', `${url.host} does not speak HTTP (${code})`, { details, cause: error });
  }
  if (code === 'ERR_PROXY_TUNNEL') {
    const hint = 'Check the proxy and its credentials, or put the host into the list of hosts without proxy.';
    return fault('REGISTRY_UNREACHABLE', `the proxy gave no connection to ${url.host}`, {
      hint,
      details,
      cause: error,
    });
  }
  const what = words[code] ?? `could not be reached (${code === '' ? 'no reason given' : code})`;
  return fault('REGISTRY_UNREACHABLE', `${url.host} ${what}`, { details, cause: error });
}

/** Node's code of an error; several tries for one name carry it in their first. */
function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') return code;
  return error instanceof AggregateError && error.errors.length > 0 ? errorCode(error.errors[0]) : '';
}
