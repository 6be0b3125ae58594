import { type ErrorCode, fault, isFault, type OneBuildError, withFact } from '@onebuild/core';
import * as v from 'valibot';
import type { Credential } from './credentials/credential-source.ts';
import { describeLogin, loginHint } from './credentials/login-origin.ts';
import { printable } from './printable.ts';
import { retryAfterMs } from './retry/retry-after.ts';
import type { HttpAnswer } from './transport/http-message.ts';
import { readBytes } from './transport/read-bytes.ts';

/** What a request was about, for messages: `manifest registry.example.com/app:1`. */
export interface Subject {
  readonly kind: 'manifest' | 'blob' | 'upload' | 'repository' | 'registry';
  readonly registry: string;
  readonly repository: string;
  /** Tag or digest. */
  readonly name?: string;
}

/** Error body of the distribution spec ("Error Codes"). */
const ErrorBody = v.object({
  errors: v.array(v.object({ code: v.optional(v.string(), ''), message: v.nullish(v.string(), '') })),
});

const bodyLimit = 64 * 1024;

/**
 * The fault that an answer means which no caller expected: status, the registry's own words, and what it was about.
 * Reads the body. `details.status` and, where the registry gave one, `details.retryAfterMs` are for retries.
 */
export async function answerFault(
  answer: HttpAnswer,
  subject: Subject,
  /** Who asked, where somebody did. */
  credential?: Credential,
): Promise<OneBuildError> {
  const { codes, words, html } = await readErrorBody(answer);
  const what = formatSubject(subject);
  const said = words === '' ? '' : `: ${words}`;
  const details = { ...factsOf(answer), registry: subject.registry, repository: subject.repository };
  if (html && (answer.status <= 400 || answer.status === 404)) {
    return fault('REGISTRY_PROTOCOL', `${what}: ${answer.url.host} answered with a web page`, { details });
  }
  if (codes.includes('MANIFEST_BLOB_UNKNOWN') || codes.includes('BLOB_UNKNOWN')) {
    return fault('BLOB_NOT_FOUND', `${what}: a blob is not in the registry${said}`, { details });
  }
  if (codes.includes('DIGEST_INVALID') && answer.status === 400) {
    return fault('DIGEST_MISMATCH', `${what}: the registry got other content than its digest says${said}`, {
      details,
    });
  }
  if (answer.status === 401 && credential !== undefined) {
    const login = describeLogin(credential);
    return fault('REGISTRY_UNAUTHORIZED', `${what}: the registry does not accept ${login}${said}`, {
      hint: loginHint(credential, subject.registry),
      details,
    });
  }
  const { code, text, hint = hintFor(answer.status, subject) } = meaningOf(answer.status, subject);
  const wait = details.retryAfterMs;
  const asks = wait === undefined ? '' : ` and asks for ${Math.ceil(wait / 1000)} s of patience`;
  const whom = answer.status === 403 && credential !== undefined ? ` with ${describeLogin(credential)}` : '';
  return fault(code, `${what}: ${text}${whom}${asks}${said}`, {
    details,
    ...(hint !== undefined && { hint }),
  });
}

/** The fault of a status alone, for peers that are no registry. */
export function statusFault(answer: HttpAnswer, what: string): OneBuildError {
  const { code, text } = meaningOf(answer.status, undefined);
  return fault(code, `${what}: ${text}`, { details: factsOf(answer) });
}

/** A fault of the network, which knows a host alone, with what the request was about. */
export function withSubject(error: unknown, subject: Subject): unknown {
  if (!isFault(error) || error.kind === 'canceled') return error;
  const what = formatSubject(subject);
  return error.message.includes(what) ? error : withFact(error, what);
}

export function formatSubject(subject: Subject): string {
  if (subject.kind === 'registry') return `registry ${subject.registry}`;
  const repository = `${subject.registry}/${subject.repository}`;
  if (subject.name === undefined) return `${subject.kind} ${repository}`;
  return `${subject.kind} ${repository}${subject.name.includes(':') ? '@' : ':'}${subject.name}`;
}

function factsOf(answer: HttpAnswer): { readonly status: number; readonly retryAfterMs?: number } {
  const wait = retryAfterMs(answer.headers['retry-after'], Date.now());
  return { status: answer.status, ...(wait !== undefined && { retryAfterMs: wait }) };
}

interface Meaning {
  readonly code: ErrorCode;
  readonly text: string;
  readonly hint?: string;
}

function meaningOf(status: number, subject: Subject | undefined): Meaning {
  if (status === 404) return { code: notFoundCode(subject), text: 'not found' };
  const known = byStatus[status];
  if (known !== undefined) return known;
  if (status >= 500)
    return { code: 'REGISTRY_UNAVAILABLE', text: `the registry failed with status ${status}` };
  return { code: 'REGISTRY_PROTOCOL', text: `unexpected answer with status ${status}` };
}

function hintFor(status: number, { registry, repository }: Subject): string | undefined {
  if (status === 401) return `Check the name, or log in: \`onebuild login ${registry}\`.`;
  if (status === 403)
    return `Ask for the right to push to or pull from ${registry}/${repository}, or log in as another user.`;
  return undefined;
}

function notFoundCode(subject: Subject | undefined): ErrorCode {
  if (subject === undefined) return 'REGISTRY_PROTOCOL';
  return subject.kind === 'blob' || subject.kind === 'upload' ? 'BLOB_NOT_FOUND' : 'MANIFEST_NOT_FOUND';
}

const byStatus: Readonly<Record<number, Meaning>> = {
  401: { code: 'REGISTRY_UNAUTHORIZED', text: 'it does not exist, or it needs a login' },
  403: { code: 'REGISTRY_DENIED', text: 'access denied' },
  405: { code: 'REGISTRY_UNSUPPORTED', text: 'the registry does not offer this' },
  408: { code: 'REGISTRY_UNAVAILABLE', text: 'the registry gave up waiting' },
  413: {
    code: 'REGISTRY_UNSUPPORTED',
    text: 'too large for the registry',
    hint: 'Raise the limit of the registry or of the proxy in front of it (nginx: client_max_body_size).',
  },
  416: { code: 'REGISTRY_PROTOCOL', text: 'the registry refuses the range' },
  429: { code: 'REGISTRY_UNAVAILABLE', text: 'the registry got too many requests' },
  501: { code: 'REGISTRY_UNSUPPORTED', text: 'the registry does not offer this' },
  507: {
    code: 'REGISTRY_UNAVAILABLE',
    text: 'the registry cannot store it',
    hint: 'Free space on the disk of the registry (`onebuild registry gc` for one of OneBuild).',
  },
};

async function readErrorBody(answer: HttpAnswer) {
  const nothing = { codes: [] as readonly string[], words: '', html: false };
  const html = /^text\/html\b/i.test(answer.headers['content-type'] ?? '');
  if (html) {
    await answer.discard();
    return { ...nothing, html };
  }
  try {
    const text = Buffer.from(await readBytes(answer, bodyLimit)).toString('utf8');
    const body = v.safeParse(ErrorBody, JSON.parse(text));
    if (!body.success) return nothing;
    const { errors } = body.output;
    const words = errors
      .map(({ code, message }) => (message ? `${code} ${message}`.trim() : code))
      .join('; ');
    return { codes: errors.map(({ code }) => code), words: printable(words), html };
  } catch {
    // no readable body: the status says it all
    return nothing;
  }
}
