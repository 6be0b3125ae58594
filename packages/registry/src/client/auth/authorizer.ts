import { type Clock, fault, isFault, registerSecret } from '@onebuild/core';
import type { Credential, CredentialSource, Purpose } from '../credentials/credential-source.ts';
import type { HttpAnswer, SendRequest } from '../transport/http-message.ts';
import { basicHeader } from './basic-header.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import { fetchToken, type TokenQuestion } from './fetch-token.ts';
import { formatScope, mergeScopes, type Scope, splitScopes } from './scope.ts';
import type { AccessToken } from './token-answer.ts';
import { createTokenCache } from './token-cache.ts';

/** What a request is about to do, and with whose rights. */
export interface Access {
  /** Repository whose credentials count; `''` for none in particular. */
  readonly repository: string;
  readonly purpose: Purpose;
  readonly scopes: readonly Scope[];
}

/** A header, and whose it is. */
export interface Authorization {
  readonly header: string;
  /** Undefined for the token of somebody unknown. */
  readonly credential: Credential | undefined;
}

/** The `Authorization` of one registry host: asked before each request, told about each refusal. */
export interface Authorizer {
  /** Undefined while the host has not asked for any, or none is to be had. */
  authorize(access: Access, signal?: AbortSignal): Promise<Authorization | undefined>;
  /** Learns from a 401. @returns whether {@link authorize} may now give something better than `used` */
  refused(answer: HttpAnswer, access: Access, used: Authorization | undefined): boolean;
}

export interface AuthorizerOptions {
  /** As the user named it. */
  readonly registry: string;
  readonly credentials: CredentialSource;
  readonly send: SendRequest;
  readonly userAgent: string;
  readonly plainAllowed: (url: URL) => boolean;
  readonly clock: Clock;
  /** Where an address of the registry is reached from here. */
  readonly reach: (url: URL, signal: AbortSignal | undefined) => Promise<URL>;
}

interface Bearer {
  readonly realm: URL;
  readonly service: string | undefined;
}

export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const tokens = createTokenCache(options.clock);
  const credentials = createCredentialMemory(options);
  let way: 'unknown' | 'basic' | Bearer = 'unknown';
  /** Rights that the host asked for beyond those we knew to ask, by the rights that were not enough. */
  const asked = new Map<string, readonly string[]>();

  const scopesFor = (access: Access) => {
    const own = mergeScopes(access.scopes.map(formatScope));
    return mergeScopes(own, asked.get(own.join(' ')) ?? []);
  };

  return {
    async authorize(access, signal) {
      if (way === 'unknown') return undefined;
      const { key, credential } = await credentials.get(access);
      const as = (header: string): Authorization => ({ header, credential });
      if (credential?.type === 'bearer')
        return as(`Bearer ${headerSafe(credential.token, options.registry)}`);
      if (way === 'basic') {
        if (credential?.type !== 'password') return undefined;
        return as(basicHeader(credential.username, credential.password));
      }
      const { realm, service } = way;
      const scopes = scopesFor(access);
      const account = JSON.stringify([key, realm.href, service ?? '']);
      const token = await tokens.get({ account, scopes, signal }, (shared) =>
        askToken(options, { realm, service, scopes, credential, signal: shared }),
      );
      return as(`Bearer ${token}`);
    },
    refused(answer, access, used) {
      const challenge = chooseChallenge(parseChallenges(answer.headers['www-authenticate']));
      if (challenge === undefined) return false;
      if (used !== undefined) {
        tokens.forget(used.header.slice(used.header.indexOf(' ') + 1));
        credentials.forget(access);
      }
      if (challenge.scheme === 'basic') {
        way = 'basic';
        return used === undefined;
      }
      way = parseBearer(challenge, options.registry);
      const own = mergeScopes(access.scopes.map(formatScope));
      const wanted = splitScopes(challenge.parameters.get('scope'));
      if (asked.size < 1000) asked.set(own.join(' '), wanted);
      return true;
    },
  };
}

/**
 * A realm with the registry's own name is asked where the registry is reached; where nobody gives tokens there, under its name.
 */
async function askToken(
  options: AuthorizerOptions,
  question: Pick<TokenQuestion, 'realm' | 'service' | 'scopes' | 'credential' | 'signal'>,
): Promise<AccessToken> {
  const { send, registry, plainAllowed, userAgent, reach } = options;
  const whole = { ...question, registry, plainAllowed, userAgent };
  const realm = await reach(question.realm, question.signal);
  try {
    return await fetchToken(send, { ...whole, realm });
  } catch (error) {
    if (realm.origin === question.realm.origin) throw error;
    if (!isFault(error, 'REGISTRY_PROTOCOL', 'REGISTRY_UNSUPPORTED')) throw error;
    return await fetchToken(send, whole);
  }
}

/** Bearer before basic, where a host offers both. */
function chooseChallenge(challenges: readonly Challenge[]): Challenge | undefined {
  return (
    challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm')) ??
    challenges.find(({ scheme }) => scheme === 'basic')
  );
}

function parseBearer(challenge: Challenge, registry: string): Bearer {
  const realm = URL.parse(challenge.parameters.get('realm') ?? '');
  if (realm === null || !/^https?:$/.test(realm.protocol) || realm.username !== '' || realm.password !== '') {
    throw fault('REGISTRY_PROTOCOL', `${registry} names a token server that is no http address`);
  }
  realm.hash = '';
  return { realm, service: challenge.parameters.get('service') };
}

/** Credentials as the source gave them, asked once per repository and purpose until one is refused. */
function createCredentialMemory(options: AuthorizerOptions) {
  const known = new Map<string, Promise<{ key: string; credential: Credential | undefined }>>();
  const identity = (access: Access) => `${access.purpose} ${access.repository}`;
  const ask = async (access: Access) => {
    const credential = await options.credentials(options.registry, access.repository, access.purpose);
    // equal credentials share tokens, whichever repository they were found for
    return { key: accountKey(credential), credential };
  };
  return {
    get(access: Access) {
      const key = identity(access);
      let answer = known.get(key);
      if (answer === undefined) {
        answer = ask(access);
        known.set(key, answer);
        answer.catch(() => known.delete(key));
      }
      return answer;
    },
    forget(access: Access) {
      known.delete(identity(access));
    },
  };
}

function accountKey(credential: Credential | undefined): string {
  if (credential === undefined) return 'anonymous';
  if (credential.type !== 'password') {
    registerSecret(credential.token);
    return `${credential.type} ${credential.token}`;
  }
  registerSecret(credential.password);
  return JSON.stringify([credential.username, credential.password]);
}

function headerSafe(token: string, registry: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw fault('REGISTRY_UNAUTHORIZED', `the token for ${registry} has characters that no header may have`);
}
