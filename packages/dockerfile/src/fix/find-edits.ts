import type { Dockerfile } from '../dockerfile.ts';
import { prefersLowerCase } from '../lint/check-names.ts';
import { asks } from '../lint/check-packages.ts';
import type { LintWarning } from '../lint/lint-dockerfile.ts';
import { installsPackages, type PackageCall, readPackageCall } from '../lint/read-install.ts';
import type { LintRuleName } from '../lint/rules.ts';
import { splitShell } from '../lint/split-shell.ts';
import { type AnyInstruction, indexSource } from './source-index.ts';
import { mapSource } from './source-map.ts';

/** A change of a text; offsets in UTF-16 units. */
export interface TextEdit {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly text: string;
}

interface Scope {
  readonly instruction: AnyInstruction;
  /** The joined line; edits are offsets in it. */
  readonly text: string;
  readonly dockerfile: Dockerfile;
}

/** Longer instructions are for their authors to correct; characters. */
const longest = 65_536;

/**
 * The edits that correct all that a warning's rule finds in its instruction; none where it cannot be done safely. A rule changes
 * nothing but its own place: comments and formatting stay.
 */
export function findEdits(dockerfile: Dockerfile, { rule, location }: LintWarning): readonly TextEdit[] {
  const instruction = indexSource(dockerfile).instructionAt(location.line);
  if (instruction === undefined) return [];
  const map = mapSource(dockerfile, instruction.location.line);
  if (map.text.length > longest) return [];
  if (rule === 'NoEmptyContinuation') return map.blanks.map((blank) => ({ ...blank, text: '' }));
  const edits = fixers[rule]?.({ instruction, text: map.text, dockerfile }) ?? [];
  const placed = edits.flatMap(({ start, end, text }) => {
    // an insertion belongs to the character before it
    const at = start === end ? map.locate(start - 1, end) : map.locate(start, end);
    if (at === undefined) return [];
    const first = start === end ? at + 1 : at;
    return [{ start: first, end: first + end - start, text }];
  });
  if (placed.length !== edits.length) return [];
  return placed.filter(({ start, end, text }) => dockerfile.text.slice(start, end) !== text);
}

/** Of edits that overlap the first counts, and of equal insertions one. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const parts: string[] = [];
  let done = 0;
  let last: TextEdit | undefined;
  for (const edit of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const isRepeated = last?.start === edit.start && last.end === edit.end && last.text === edit.text;
    if (edit.start < done || isRepeated) continue;
    last = edit;
    parts.push(text.slice(done, edit.start), edit.text);
    done = edit.end;
  }
  return parts.join('') + text.slice(done);
}

const fixers: Partial<Record<LintRuleName, (scope: Scope) => readonly TextEdit[]>> = {
  StageNameCasing: ({ text }) =>
    replaceGroup(text, /^\S+\s.*\s[aA][sS]\s+(\S+)\s*$/d, (name) => name.toLowerCase()),
  // in the case that FROM itself will have
  FromAsCasing: ({ text, dockerfile }) =>
    replaceGroup(text, /^\S+\s.*\s([aA][sS])\s+\S+\s*$/d, (as) =>
      prefersLowerCase(dockerfile) ? as.toLowerCase() : as.toUpperCase(),
    ),
  ConsistentInstructionCasing: ({ text, dockerfile }) =>
    replaceGroup(text, /^([A-Za-z]+)\s/d, (keyword) =>
      prefersLowerCase(dockerfile) ? keyword.toLowerCase() : keyword.toUpperCase(),
    ),
  RedundantTargetPlatform: ({ text }) =>
    replaceGroup(text, /^\S+(\s+--platform="?\$\{?TARGETPLATFORM\}?"?)\s/d, () => ''),
  MaintainerDeprecated: fixMaintainer,
  LegacyKeyValueFormat: fixPair,
  ExposeProtoCasing: ({ text }) =>
    [...text.matchAll(/(?<=\s)\d[\d-]*\/([A-Za-z]+)(?=\s|$)/g)].map((match) => {
      const end = match.index + match[0].length;
      return { start: end - (match[1] ?? '').length, end, text: (match[1] ?? '').toLowerCase() };
    }),
  InstallWithoutYes: (scope) =>
    addFlag(scope, (call) => (installsPackages(call) && asks(call) ? '-y' : undefined)),
  PackageCacheLeft: (scope) => addFlag(scope, cacheFlag),
};

function replaceGroup(text: string, form: RegExp, change: (found: string) => string): readonly TextEdit[] {
  const match = form.exec(text);
  const range = match?.indices?.[1];
  if (match === null || range === undefined) return [];
  return [{ start: range[0], end: range[1], text: change(match[1] ?? '') }];
}

function sameCase(word: string, model: string): string {
  return model === model.toLowerCase() ? word.toLowerCase() : word.toUpperCase();
}

function fixMaintainer({ instruction, text }: Scope): readonly TextEdit[] {
  const match = /^\S+\s+(\S.*)$/.exec(text);
  if (instruction.kind !== 'MAINTAINER' || match === null) return [];
  const name = (match[1] ?? '').trimEnd();
  if (name !== instruction.maintainer || /["'\\$`]/.test(name)) return [];
  const keyword = sameCase('label', instruction.keyword);
  const label = `${keyword} org.opencontainers.image.authors="${name}"`;
  return [{ start: 0, end: text.trimEnd().length, text: label }];
}

/** Only values without quotes and escapes: those mean the same in both forms. */
function fixPair({ instruction, text }: Scope): readonly TextEdit[] {
  const pairs =
    instruction.kind === 'ENV'
      ? instruction.variables
      : instruction.kind === 'LABEL'
        ? instruction.labels
        : [];
  const match = /^\S+\s+([\w.-]+)(\s+)(\S.*)$/d.exec(text);
  const gap = match?.indices?.[2];
  const [pair] = pairs;
  if (match === null || gap === undefined || pair === undefined || pairs.length !== 1 || !pair.legacy)
    return [];
  const value = (match[3] ?? '').trimEnd();
  if (pair.name !== match[1] || pair.value !== value || !/^[\w./:@%+,=${}\- ]+$/.test(value)) return [];
  const quote = value.includes(' ') ? '"' : '';
  return [{ start: gap[0], end: gap[1] + value.length, text: `=${quote}${value}${quote}` }];
}

function cacheFlag({ manager, verb, flags }: PackageCall): string | undefined {
  if (manager === 'apk' && verb === 'add' && !flags.includes('--no-cache')) return '--no-cache';
  if (manager === 'pip' && verb === 'install' && !flags.includes('--no-cache-dir')) return '--no-cache-dir';
  return undefined;
}

/** Puts a flag behind the verb of each call that wants one. */
function addFlag(
  { instruction, text }: Scope,
  flagFor: (call: PackageCall) => string | undefined,
): readonly TextEdit[] {
  if (instruction.kind !== 'RUN' || instruction.command.form !== 'shell' || instruction.heredocs.length > 0)
    return [];
  const { line } = instruction.command;
  if (!text.trimEnd().endsWith(line)) return [];
  const base = text.trimEnd().length - line.length;
  return splitShell(line).flatMap((command) => {
    const call = readPackageCall(command);
    const flag = call && flagFor(call);
    const verb = command.words.find((word) => word.text === call?.verb);
    if (flag === undefined || verb === undefined || line.slice(verb.start, verb.end) !== verb.text) return [];
    return [{ start: base + verb.end, end: base + verb.end, text: ` ${flag}` }];
  });
}
