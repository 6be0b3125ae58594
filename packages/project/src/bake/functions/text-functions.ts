import { spend } from '../hcl/budget.ts';
import { asText, type HclValue, nameKind } from '../hcl/hcl-value.ts';
import { FunctionError } from '../hcl/scope.ts';
import { define, type FunctionDefinition } from './arguments.ts';
import { formatText } from './format-text.ts';
import { findAll, findFirst, replacePattern } from './regex.ts';

let segmenter: Intl.Segmenter | undefined;

/** Grapheme clusters. Made when the first text is taken apart: the tables that it loads cost 10 ms. */
function segments(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter();
  return segmenter.segment(text);
}

export const textFunctions: Readonly<Record<string, FunctionDefinition>> = {
  upper: define(1, ({ text }) => text(0).toUpperCase()),
  lower: define(1, ({ text }) => text(0).toLowerCase()),
  title: define(1, ({ text }) =>
    text(0).replace(
      /(^|[^\p{L}\p{N}_'])(\p{Ll})/gu,
      (_, before: string, letter: string) => before + letter.toUpperCase(),
    ),
  ),
  trim: define(2, ({ text }) => trimSet(text(0), text(1))),
  trimspace: define(1, ({ text }) => text(0).trim()),
  trimprefix: define(2, ({ text }) =>
    text(0).startsWith(text(1)) ? text(0).slice(text(1).length) : text(0),
  ),
  trimsuffix: define(2, ({ text }) =>
    text(1) !== '' && text(0).endsWith(text(1)) ? text(0).slice(0, -text(1).length) : text(0),
  ),
  chomp: define(1, ({ text }) =>
    text(0)
      .replace(/(\r?\n)$/, '')
      .replace(/[\r\n]{1,1000}$/, ''),
  ),
  indent: define(2, ({ number, text, budget }) => {
    const width = boundedCount(number(0));
    const lines = text(1).split('\n');
    spend(budget, lines.length * width);
    return lines.join(`\n${' '.repeat(width)}`);
  }),
  strlen: define(1, ({ text, budget }) => {
    spend(budget, text(0).length * 10);
    return [...segments(text(0))].length;
  }),
  substr: define(3, ({ text, number, budget }) => {
    spend(budget, text(0).length * 10);
    const letters = [...segments(text(0))].map(({ segment }) => segment);
    const offset = number(1) < 0 ? Math.max(0, letters.length + number(1)) : number(1);
    const length = number(2) < 0 ? letters.length : number(2);
    return letters.slice(offset, offset + length).join('');
  }),
  split: define(2, ({ text, budget }) => {
    spend(budget, text(1).length);
    return text(1).split(text(0));
  }),
  join: define(
    2,
    ({ text, all, budget }) => {
      const items = all.slice(1).flatMap((list) => textItems(list));
      const joined = items.join(text(0));
      spend(budget, joined.length);
      return joined;
    },
    100,
  ),
  replace: define(3, ({ text, budget }) => {
    const pieces = text(0).split(text(1));
    spend(budget, text(0).length + pieces.length * text(2).length);
    return pieces.join(text(2));
  }),
  regex: define(2, ({ text, budget }) => {
    const found = findFirst(text(0), text(1), budget);
    if (found === undefined) throw new FunctionError('the pattern is not found in the text');
    return found;
  }),
  regexall: define(2, ({ text, budget }) => findAll(text(0), text(1), budget)),
  regex_replace: define(3, ({ text, budget }) =>
    replacePattern(text(0), { pattern: text(1), by: text(2) }, budget),
  ),
  format: define(1, ({ text, all, budget }) => formatText(text(0), all.slice(1), budget), 1000),
  formatlist: define(
    1,
    ({ text, all, budget }) => {
      const lists = all
        .slice(1)
        .map((item) => (Array.isArray(item) ? (item as readonly HclValue[]) : undefined));
      const length = lists.find((list) => list !== undefined)?.length ?? 1;
      if (lists.some((list) => list !== undefined && list.length !== length)) {
        throw new FunctionError('the lists are not of one length');
      }
      return Array.from({ length }, (_, at) =>
        formatText(
          text(0),
          lists.map((list, which) => (list === undefined ? (all[which + 1] ?? null) : (list[at] ?? null))),
          budget,
        ),
      );
    },
    1000,
  ),
  sanitize: define(1, ({ text }) => text(0).replace(/[^a-zA-Z0-9_-]/gu, '_')),
  basename: define(1, ({ text }) => {
    const path = text(0).replace(/\/{1,4096}$/, '');
    if (path === '') return text(0) === '' ? '.' : '/';
    return path.slice(path.lastIndexOf('/') + 1);
  }),
  dirname: define(1, ({ text }) => cleanFolder(text(0))),
  byteslen: define(1, ({ text }) => Buffer.byteLength(text(0))),
};

function cleanFolder(path: string): string {
  const cut = path.lastIndexOf('/');
  if (cut === -1) return '.';
  const rooted = path.startsWith('/');
  const names: string[] = [];
  for (const name of path.slice(0, cut).split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (names.length > 0 && names.at(-1) !== '..') names.pop();
    else if (!rooted) names.push('..');
  }
  return (rooted ? '/' : '') + names.join('/') || '.';
}

export function reverseText(text: string): string {
  return [...segments(text)]
    .map(({ segment }) => segment)
    .reverse()
    .join('');
}

function trimSet(text: string, set: string): string {
  const letters = Array.from(text);
  const cut = new Set(set);
  let start = 0;
  let end = letters.length;
  while (start < end && cut.has(letters[start] ?? '')) start++;
  while (end > start && cut.has(letters[end - 1] ?? '')) end--;
  return letters.slice(start, end).join('');
}

function textItems(list: HclValue): string[] {
  if (!Array.isArray(list)) throw new FunctionError(`join needs lists, not ${nameKind(list)}`);
  return (list as readonly HclValue[]).map((item) => {
    const text = asText(item);
    if (text === undefined) throw new FunctionError(`an item of the list is ${nameKind(item)}, not a text`);
    return text;
  });
}

function boundedCount(count: number): number {
  if (!Number.isInteger(count) || count < 0 || count > 10_000)
    throw new FunctionError('the count is a whole number up to 10000');
  return count;
}
