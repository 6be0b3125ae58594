import type { Script } from './proxy-fault.ts';

/** Script of a proxy that lets nobody through without a token of its own, as registries with a token server do. */
export interface TokenGate {
  readonly script: Script;
  /** Tokens given out so far. */
  readonly given: () => number;
  /** From now on all tokens that are out are refused. */
  expire(): void;
}

/**
 * Tokens come from `/token` of the proxy itself (distribution, spec/auth/token.md) for one name and password.
 * @param host of the proxy
 * @param inner what happens to requests that carry a token that is good
 */
export function createTokenGate(
  host: string,
  login: { readonly username: string; readonly password: string },
  inner: Script = () => undefined,
): TokenGate {
  const basic = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  const good = new Set<string>();
  let given = 0;
  const json = { 'content-type': 'application/json' };
  const challenge = {
    do: 'answer' as const,
    status: 401,
    headers: { ...json, 'www-authenticate': `Bearer realm="http://${host}/token",service="gate"` },
    body: '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}',
  };
  return {
    given: () => given,
    expire: () => good.clear(),
    script(request) {
      const { authorization = '' } = request.headers;
      const broken = inner(request);
      if (!/^\/token\b/.test(request.url)) return good.has(authorization) ? broken : { ...challenge, broken };
      if (authorization !== basic) return { do: 'answer', status: 401, headers: json, body: '{}' };
      given++;
      const token = `gate-token-${given}-${Math.random().toString(36).slice(2)}`;
      good.add(`Bearer ${token}`);
      const body = JSON.stringify({ token, expires_in: 300 });
      return { do: 'answer', status: 200, headers: json, body, broken };
    },
  };
}
