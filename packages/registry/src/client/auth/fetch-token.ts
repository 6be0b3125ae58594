import { fault } from '@onebuild/core';
import { statusFault } from '../answer-fault.ts';
import type { Credential } from '../credentials/credential-source.ts';
import { describeLogin, loginCommand, loginHint } from '../credentials/login-origin.ts';
import type { HttpAnswer, HttpRequest, SendRequest } from '../transport/http-message.ts';
import { readBytes } from '../transport/read-bytes.ts';
import { basicHeader } from './basic-header.ts';
import { type AccessToken, parseTokenAnswer } from './token-answer.ts';

export interface TokenQuestion {
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scopes: readonly string[];
  readonly credential: Credential | undefined;
  /** For messages: the registry, as the user named it. */
  readonly registry: string;
  /** Whether plain HTTP may carry credentials to an address. */
  readonly plainAllowed: (url: URL) => boolean;
  readonly userAgent: string;
  readonly signal: AbortSignal | undefined;
}

const clientId = 'onebuild';
const answerLimit = 1024 * 1024;

/**
 * Gets an access token: with `GET` (distribution, spec/auth/token.md), with `POST` for identity tokens and where
 * `GET` isn't offered (spec/auth/oauth.md).
 *
 * @throws REGISTRY_UNAUTHORIZED, REGISTRY_DENIED, REGISTRY_PROTOCOL and the faults of {@link SendRequest}
 */
export async function fetchToken(send: SendRequest, question: TokenQuestion): Promise<AccessToken> {
  const { credential, realm, registry } = question;
  if (credential !== undefined && realm.protocol !== 'https:' && !question.plainAllowed(realm)) {
    throw fault(
      'REGISTRY_UNAUTHORIZED',
      `${registry} wants its credentials sent to ${realm.host} without TLS`,
      {
        hint: 'Let the token server use https, or pass `--insecure-registry` for the registry.',
      },
    );
  }
  if (credential?.type === 'identity-token') {
    return await readAnswer(await send(tokenPost(question, refreshForm(credential.token))), question);
  }
  const answer = await send(tokenGet(question));
  const unknownMethod = answer.status === 404 || answer.status === 405;
  if (unknownMethod && credential?.type === 'password') {
    await answer.discard();
    return await readAnswer(await send(tokenPost(question, passwordForm(credential))), question);
  }
  return await readAnswer(answer, question);
}

function tokenGet(question: TokenQuestion): HttpRequest {
  const { credential, service, scopes } = question;
  const url = new URL(question.realm);
  if (service !== undefined) url.searchParams.append('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const headers: Record<string, string> = { 'user-agent': question.userAgent, accept: 'application/json' };
  if (credential?.type === 'password') {
    url.searchParams.append('account', credential.username);
    headers.authorization = basicHeader(credential.username, credential.password);
  }
  return { method: 'GET', url, headers, signal: question.signal };
}

function tokenPost(question: TokenQuestion, form: Record<string, string>): HttpRequest {
  const fields = new URLSearchParams({ ...form, client_id: clientId });
  if (question.service !== undefined) fields.set('service', question.service);
  if (question.scopes.length > 0) fields.set('scope', question.scopes.join(' '));
  const body = Buffer.from(fields.toString());
  return {
    method: 'POST',
    url: question.realm,
    headers: {
      'user-agent': question.userAgent,
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: { length: body.length, open: () => [body] },
    // the body is the credential
    redirects: 'none',
    signal: question.signal,
  };
}

function refreshForm(token: string) {
  return { grant_type: 'refresh_token', refresh_token: token };
}

function passwordForm(credential: { readonly username: string; readonly password: string }) {
  return { grant_type: 'password', username: credential.username, password: credential.password };
}

async function readAnswer(answer: HttpAnswer, question: TokenQuestion): Promise<AccessToken> {
  if (answer.status === 200) {
    return parseTokenAnswer(await readBytes(answer, answerLimit), question.realm.host);
  }
  await answer.discard();
  throw tokenFault(answer, question);
}

function tokenFault(answer: HttpAnswer, { credential, registry, realm }: TokenQuestion) {
  const details = { registry, status: answer.status };
  if (answer.status === 400 || answer.status === 401 || answer.status === 403) {
    const said = `(its token server ${realm.host} answered ${answer.status})`;
    const [message, hint] =
      credential === undefined
        ? [`${registry} wants a login ${said}`, `Log in: \`${loginCommand({ registry })}\`.`]
        : [
            `${registry} does not accept ${describeLogin(credential)} ${said}`,
            loginHint(credential, registry),
          ];
    return fault('REGISTRY_UNAUTHORIZED', message, { hint, details });
  }
  return statusFault(answer, `the token server ${realm.host} of ${registry}`);
}
