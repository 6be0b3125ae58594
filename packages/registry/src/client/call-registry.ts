import { fault } from '@onebuild/core';
import { answerFault, type Subject, withSubject } from './answer-fault.ts';
import type { Access } from './auth/authorizer.ts';
import type { ScopeAction } from './auth/scope.ts';
import type { ClientContext } from './client-context.ts';
import type { Place } from './place.ts';
import type { HttpAnswer, HttpRequest } from './transport/http-message.ts';

export interface RegistryCall extends Omit<HttpRequest, 'url' | 'headers'> {
  /** Path below `/v2/REPOSITORY/`, with query; or an address that the registry gave. */
  readonly target: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly access: Access;
  /** Statuses that the caller handles; all others are thrown as faults. */
  readonly accept: readonly number[];
  readonly subject: Subject;
}

/** Once without, once with a token, once with a fresh one. */
const maxSends = 3;

/**
 * One call of the API: address, credentials and faults. Credentials go to the registry's own origin only, wherever it
 * or a redirect points. All faults name the subject, also those of a token server or of a host behind a redirect.
 */
export async function callRegistry(
  context: ClientContext,
  place: Place,
  call: RegistryCall,
): Promise<HttpAnswer> {
  try {
    return await callOnce(context, place, call);
  } catch (error) {
    throw withSubject(error, call.subject);
  }
}

async function callOnce(context: ClientContext, place: Place, call: RegistryCall): Promise<HttpAnswer> {
  const { host } = place;
  const origin = await host.origin(call.signal);
  const url =
    typeof call.target === 'string'
      ? apiUrl(origin, place, call.target)
      : await context.places.reach(call.target, call.signal);
  const ours = url.origin === origin.origin;
  let authorization = ours ? await host.authorizer.authorize(call.access, call.signal) : undefined;
  for (let sends = 1; ; sends++) {
    const answer = await context.send({
      ...call,
      url,
      headers: headersOf(context, call, authorization?.header),
    });
    if (call.accept.includes(answer.status)) return answer;
    // read to its end before a token is asked for: that may need the same connection
    const failure = await answerFault(answer, call.subject, authorization?.credential);
    const mayAsk = answer.status === 401 && answer.url.origin === origin.origin && sends < maxSends;
    if (!mayAsk || !host.authorizer.refused(answer, call.access, authorization)) throw failure;
    authorization = await host.authorizer.authorize(call.access, call.signal);
    if (authorization === undefined) throw failure;
  }
}

function headersOf(context: ClientContext, call: RegistryCall, authorization: string | undefined) {
  return {
    'user-agent': context.userAgent,
    ...call.headers,
    ...(authorization !== undefined && { authorization }),
  };
}

/** {@link callRegistry} within the place's retries, for calls that may be made twice. */
export function callWithRetry(context: ClientContext, place: Place, call: RegistryCall): Promise<HttpAnswer> {
  return place.retry(() => callRegistry(context, place, call), call.signal);
}

/** Rights on one repository of a place. */
export function accessTo(place: Place, ...actions: readonly ScopeAction[]): Access {
  return {
    repository: place.loginRepository,
    purpose: actions.every((action) => action === 'pull') ? 'pull' : 'push',
    scopes: [{ repository: place.repository, actions }],
  };
}

/** @throws REFERENCE_INVALID for a repository that would lead to another path */
function apiUrl(origin: URL, place: Place, path: string): URL {
  const { repository } = place;
  if (
    !/^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/.test(repository) ||
    /(?:^|\/)\.{1,2}(?:\/|$)/.test(repository)
  ) {
    throw fault('REFERENCE_INVALID', `${JSON.stringify(repository.slice(0, 300))} is not a repository`);
  }
  return new URL(`/v2/${repository}/${path}`, origin);
}
