import { redact } from '@onebuild/core';
import { type StepPart, shortDigest } from './step-parts.ts';

/** Names of which the value is never kept, only whether it changed. */
const privateName = /pass|pwd|secret|token|key|auth|cred|priv|cert|salt|sign|session|cookie|dsn|_url$|_uri$/i;
const longestValue = 60;
/** Words, versions, paths: no spaces, no quotes, nothing that looks like a credential. */
const plainValue = /^[\w.,:/+~=-]*$/;

/** A variable of a step: with its value where that is short and plain, and nothing hints at a secret; else with a digest. */
export function variablePart(kind: 'ARG' | 'ENV', line: string): StepPart {
  const equals = line.indexOf('=');
  const [name, value] = [line.slice(0, equals), line.slice(equals + 1)];
  const isPlain =
    value.length <= longestValue &&
    plainValue.test(value) &&
    !value.includes('://') &&
    !/[A-Za-z0-9+/=_-]{20}/.test(value) &&
    !privateName.test(name) &&
    redact(value) === value;
  return [`${kind} ${name}`, isPlain ? `=${value}` : shortDigest(line)];
}

/** The value of such a state; undefined: it is not to be shown. */
export function shownVariable(state: string): string | undefined {
  if (!state.startsWith('=')) return undefined;
  return state.length === 1 ? 'empty' : state.slice(1);
}
