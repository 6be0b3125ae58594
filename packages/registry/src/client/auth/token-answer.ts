import { fault, registerSecret } from '@onebuild/core';
import * as v from 'valibot';

/** What a token server gives out. */
export interface AccessToken {
  readonly token: string;
  /** Milliseconds from now. */
  readonly lifetimeMs: number;
}

/** Visible ASCII: anything else could not travel in a header. */
const TokenText = v.pipe(v.string(), v.maxLength(64 * 1024), v.regex(/^[\x21-\x7e]*$/));

/** distribution, spec/auth/token.md and spec/auth/oauth.md; some servers send `null` or a text where a number belongs. */
const TokenAnswer = v.object({
  token: v.nullish(TokenText),
  access_token: v.nullish(TokenText),
  expires_in: v.nullish(v.union([v.number(), v.pipe(v.string(), v.transform(Number))])),
});

/** Seconds; the spec's default, and a year as the most that is believed. */
const defaultLifetime = 60;
const longestLifetime = 365 * 86_400;

/** @throws REGISTRY_PROTOCOL */
export function parseTokenAnswer(bytes: Uint8Array, host: string): AccessToken {
  const answer = v.safeParse(TokenAnswer, parseJson(bytes));
  const token = answer.success ? answer.output.token || answer.output.access_token || '' : '';
  if (!answer.success || token === '') {
    throw fault('REGISTRY_PROTOCOL', `the token server ${host} gave no token that can be used`);
  }
  registerSecret(token);
  const seconds = answer.output.expires_in ?? defaultLifetime;
  const sane = Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, longestLifetime) : defaultLifetime;
  return { token, lifetimeMs: sane * 1000 };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
