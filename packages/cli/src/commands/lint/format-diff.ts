import { type Change, compareLines } from './compare-lines.ts';

/** Unchanged lines around a change. */
const around = 3;

/**
 * What makes one text of another, as a unified diff that `patch -p1` and `git apply` take; empty for equal texts.
 * @param name - of the file, from the folder in which the diff is applied
 */
export function formatDiff(name: string, before: string, after: string): string {
  if (before === after) return '';
  const file = /[\t\n\r"\\]/.test(name) ? JSON.stringify(name).slice(1, -1) : name;
  const hunks = groupChanges(compareLines(splitLines(before), splitLines(after)));
  // GNU patch wants a tab behind names with blanks in them
  const tail = file.includes(' ') ? '\t' : '';
  return `--- a/${file}${tail}\n+++ b/${file}${tail}\n${hunks.map(formatHunk).join('')}`;
}

/** Lines with their ends. */
function splitLines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Changes with the lines around them; those that are close together are one group. */
function groupChanges(changes: readonly Change[]): readonly (readonly Change[])[] {
  const shown = new Set<number>();
  for (const [index, { how }] of changes.entries()) {
    if (how === ' ') continue;
    for (let near = index - around; near <= index + around; near++) shown.add(near);
  }
  const groups: Change[][] = [];
  for (const [index, change] of changes.entries()) {
    if (!shown.has(index)) continue;
    if (!shown.has(index - 1) || groups.length === 0) groups.push([]);
    groups.at(-1)?.push(change);
  }
  return groups;
}

function formatHunk(changes: readonly Change[]): string {
  const [first] = changes;
  if (first === undefined) return '';
  const count = (other: Change['how']) => changes.filter(({ how }) => how !== other).length;
  const [old, fresh] = [count('+'), count('-')];
  const lines = changes.map(({ how, line }) =>
    line.endsWith('\n') ? `${how}${line}` : `${how}${line}\n\\ No newline at end of file\n`,
  );
  return `@@ -${range(first.before, old)} +${range(first.after, fresh)} @@\n${lines.join('')}`;
}

/** An empty range stands behind the line that is named. */
function range(start: number, count: number): string {
  if (count === 0) return `${start},0`;
  return count === 1 ? String(start + 1) : `${start + 1},${count}`;
}
