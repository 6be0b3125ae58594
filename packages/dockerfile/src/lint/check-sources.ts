import { isFault } from '@onebuild/core';
import type { Dockerfile } from '../dockerfile.ts';
import type { AddInstruction } from '../instructions/instruction.ts';
import { expandWord } from '../shell/expand-word.ts';
import { collectGlobalArgs } from './global-args.ts';
import type { LintOptions, Report } from './lint-dockerfile.ts';

const unpacked = /\.(?:tar|tgz|tbz2?|txz|gz|bz2|xz|zst|lzma|Z)$/i;
const remote = /^(?:https?|git|ssh|ftp):\/\/|^git@|\.git(?:#|$)/;

/** Checks of what FROM stands on and ADD brings. */
export function checkSources(dockerfile: Dockerfile, options: LintOptions, report: Report): void {
  const values = collectGlobalArgs(dockerfile, options.buildArgs ?? {}) ?? new Map<string, string>();
  const stages = new Set(['', 'scratch']);
  for (const { from, instructions, name } of dockerfile.stages) {
    const base = expandBase(from.base, values, dockerfile);
    if (!stages.has(base.toLowerCase())) {
      checkPin(base, (rule, message) => report(rule, message, from));
    }
    if (name !== undefined) stages.add(name);
    for (const instruction of instructions) {
      if (instruction.kind === 'ADD' && doesNothingMore(instruction)) {
        report('AddInsteadOfCopy', 'COPY does the same, and unpacks and fetches nothing', instruction);
      }
    }
  }
}

/** The base with the arguments that are known; empty where one has no value. */
export function expandBase(
  base: string,
  values: ReadonlyMap<string, string>,
  { escape }: Dockerfile,
): string {
  try {
    const { result, unmatched } = expandWord(base, values, { escape });
    return unmatched.length > 0 ? '' : result;
  } catch (error) {
    if (isFault(error)) return '';
    throw error;
  }
}

function checkPin(
  base: string,
  tell: (rule: 'UnpinnedBase' | 'BaseWithoutDigest', message: string) => void,
): void {
  if (base.includes('@')) return;
  const tag = /:([^/:]*)$/.exec(base)?.[1];
  if (tag === undefined) tell('UnpinnedBase', `'${base}' has no tag, so it is whatever is the latest`);
  else if (tag === 'latest') tell('UnpinnedBase', `'${base}' is another image whenever it is pulled`);
  else tell('BaseWithoutDigest', `The tag of '${base}' can be moved to another image`);
}

function doesNothingMore(instruction: AddInstruction): boolean {
  const { sources, checksum, keepGitDir, unpack } = instruction;
  if (checksum !== undefined || keepGitDir !== undefined || unpack !== undefined) return false;
  return (
    sources.length > 0 &&
    !sources.some((source) => isRemote(source) || isArchive(source) || /[$*?[]/.test(source))
  );
}

/** An address that ADD fetches. */
export function isRemote(source: string): boolean {
  return remote.test(source);
}

/** By its name an archive, which ADD unpacks. */
export function isArchive(source: string): boolean {
  return unpacked.test(source);
}
