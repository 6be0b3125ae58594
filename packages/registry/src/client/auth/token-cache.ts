import type { Clock } from '@onebuild/core';
import { createSingleFlight } from '../single-flight.ts';
import { coversScopes } from './scope.ts';
import type { AccessToken } from './token-answer.ts';

/** A token that dies sooner than this counts as dead, for a request takes its time. Milliseconds. */
const margin = 5000;

/** Access tokens of one registry host. Parallel wishes for the same rights share one request. */
export interface TokenCache {
  /** A token with at least `scopes`, from the cache or through `request`. */
  get(
    wish: {
      readonly account: string;
      readonly scopes: readonly string[];
      readonly signal?: AbortSignal | undefined;
    },
    request: (signal: AbortSignal) => Promise<AccessToken>,
  ): Promise<string>;
  /** Forgets a token that the registry refused. */
  forget(token: string): void;
}

interface Entry {
  readonly account: string;
  readonly scopes: readonly string[];
  readonly token: string;
  readonly expires: number;
}

export function createTokenCache(clock: Clock): TokenCache {
  let entries: Entry[] = [];
  const share = createSingleFlight<string>();
  return {
    async get({ account, scopes, signal }, request) {
      const now = clock();
      entries = entries.filter((entry) => entry.expires > now);
      const held = entries.find((entry) => entry.account === account && coversScopes(entry.scopes, scopes));
      if (held !== undefined) return held.token;
      return await share(JSON.stringify([account, scopes]), signal, async (shared) => {
        const { token, lifetimeMs } = await request(shared);
        entries.push({ account, scopes, token, expires: now + Math.max(lifetimeMs - margin, 1000) });
        return token;
      });
    },
    forget(token) {
      entries = entries.filter((entry) => entry.token !== token);
    },
  };
}
