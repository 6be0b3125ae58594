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

interface TlsMeaning {
  readonly text: string;
  readonly hint: string;
}

const unknownAuthority: TlsMeaning = {
  text: 'its certificate is signed by an authority that is not known here',
  hint: 'Trust it with `--registry-ca FILE`; for tests only, `--insecure-registry HOST` skips the check.',
};
const selfSigned: TlsMeaning = {
  text: 'its certificate is signed by itself',
  hint: unknownAuthority.hint,
};
const plainHttp: TlsMeaning = {
  text: 'it does not speak TLS; it may be a registry with plain HTTP',
  hint: 'If it is, allow that with `--insecure-registry HOST`.',
};

const tlsMeanings: Readonly<Record<string, TlsMeaning>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  CERT_HAS_EXPIRED: {
    text: 'its certificate has expired',
    hint: 'The registry needs a new certificate; or the clock of this machine is wrong.',
  },
  CERT_NOT_YET_VALID: {
    text: 'its certificate is not valid yet',
    hint: 'Look at the clocks of this machine and of the registry.',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    text: 'its certificate is for another name',
    hint: 'Use the name that the certificate has, or give the registry a certificate for this one.',
  },
  ERR_SSL_WRONG_VERSION_NUMBER: plainHttp,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: plainHttp,
  EPROTO: plainHttp,
};

/** What a thrown thing of Node's network layer means, in words that name the address and nothing secret. */
export function networkFault(error: unknown, url: URL, signal?: AbortSignal): OneBuildError {
  if (signal?.aborted === true) {
    return fault('CANCELED', `the request to ${url.host} was canceled`, { cause: signal.reason });
  }
  if (isFault(error)) return error;
  const code = errorCode(error);
  const details = { host: url.host, reason: code };
  if (tlsCodes.test(code)) {
    const { text, hint } = tlsMeanings[code] ?? {
      text: 'the connection could not be set up',
      hint: undefined,
    };
    return fault('REGISTRY_TLS', `TLS with ${url.host} failed: ${text} (${code})`, {
      ...(hint !== undefined && { hint: hint.replace('HOST', url.host) }),
      details,
      cause: error,
    });
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
