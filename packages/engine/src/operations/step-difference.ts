import { shownVariable } from './shown-variable.ts';
import type { StepPart } from './step-parts.ts';

/** In words, why a part that stands for other steps changed from what it was. */
export type ExplainPart = (what: string, before: string) => string | undefined;

const isPath = /^(?:file|folder) /;

/** How many parts are not the same, of either side. */
export function countDifferences(before: readonly StepPart[], now: readonly StepPart[]): number {
  const old = new Map(before);
  let same = 0;
  for (const [what, state] of now) if (old.get(what) === state) same++;
  return before.length + now.length - 2 * same;
}

/** In words, the first part that differs; of files also how many more do. */
export function describeDifference(
  before: readonly StepPart[],
  now: readonly StepPart[],
  explain: ExplainPart | undefined,
): string {
  const old = new Map(before);
  const known = new Set(now.map(([what]) => what));
  const changed = now.filter(([what, state]) => old.get(what) !== state);
  const gone = before.filter(([what]) => !known.has(what));
  const [first] = changed;
  if (first === undefined) {
    const [left] = gone;
    if (left === undefined) return 'something that it looks at changed';
    return describeGone(left[0]) + others(gone.length - 1, left[0]);
  }
  const [what, state] = first;
  const words = describeChange(what, { before: old.get(what), now: state, explain });
  const paths = isPath.test(what) ? [...changed, ...gone].filter(([other]) => isPath.test(other)) : [first];
  return words + others(paths.length - 1, what);
}

function others(count: number, what: string): string {
  return count <= 0 || !isPath.test(what) ? '' : `, and ${count} more`;
}

function describeGone(what: string): string {
  return isPath.test(what) ? `${what} is not in the context any more` : `${what} is gone`;
}

function describeChange(
  what: string,
  { before, now, explain }: { before: string | undefined; now: string; explain: ExplainPart | undefined },
): string {
  if (before === undefined) return `${what} is new`;
  if (what === 'base' || what.startsWith('base of ') || what.startsWith('image ')) {
    return describeBase(what, before, now);
  }
  if (isPath.test(what)) return describeFile(what, before, now);
  if (/^(?:ARG|ENV) /.test(what)) {
    const [old, value] = [shownVariable(before), shownVariable(now)];
    return old === undefined || value === undefined
      ? `${what} changed`
      : `${what} changed from ${old} to ${value}`;
  }
  return explain?.(what, before) ?? `${what} changed`;
}

/** `NAME DIGEST PLATFORM` each, or nothing. */
function describeBase(what: string, before: string, now: string): string {
  const [oldName = '', oldDigest = '', oldPlatform = ''] = before.split(' ');
  const [name = '', digest = '', platform = ''] = now.split(' ');
  if (before === '' || now === '' || oldName !== name) {
    return `${what} changed from ${oldName || 'scratch'} to ${name || 'scratch'}`;
  }
  if (oldPlatform !== platform) return `never built for ${platform} here`;
  return `${what} moved from ${oldDigest.slice(0, 19)} to ${digest.slice(0, 19)}`;
}

/** `CONTENT MODE OWNER[ TIME]` each. */
function describeFile(what: string, before: string, now: string): string {
  const [oldContent, oldMode, oldOwner] = before.split(' ');
  const [content, mode, owner] = now.split(' ');
  if (oldContent !== content) return `${what} changed`;
  if (oldMode !== mode) return `mode of ${what} changed from ${oldMode} to ${mode}`;
  if (oldOwner !== owner) return `owner of ${what} changed from ${oldOwner} to ${owner}`;
  return `time of ${what} changed`;
}
