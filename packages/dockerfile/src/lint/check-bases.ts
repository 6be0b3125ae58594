import { isFault, suggest } from '@onebuild/core';
import type { Dockerfile } from '../dockerfile.ts';
import type { FromInstruction } from '../instructions/instruction.ts';
import { expandWord } from '../shell/expand-word.ts';
import { collectGlobalArgs } from './global-args.ts';
import type { LintOptions, Report } from './lint-dockerfile.ts';

/** Checks of what FROM names. */
export function checkBases(dockerfile: Dockerfile, options: LintOptions, report: Report): void {
  const values = collectGlobalArgs(dockerfile, options.buildArgs ?? {});
  const defaults = collectGlobalArgs(dockerfile, {});
  const declared = dockerfile.metaArgs.flatMap(({ args }) => args.map(({ name }) => name));
  for (const { from } of dockerfile.stages) {
    if (values !== undefined)
      checkVariables(from, { known: [...values.keys(), ...declared], values, dockerfile }, report);
    if (defaults !== undefined) checkDefault(from, { defaults, dockerfile }, report);
    checkPlatform(from, report);
  }
}

function checkVariables(
  from: FromInstruction,
  scope: { known: readonly string[]; values: ReadonlyMap<string, string>; dockerfile: Dockerfile },
  report: Report,
): void {
  const words = [from.base, from.platform ?? ''];
  const unmatched = new Set(
    words.flatMap((word) => expand(word, scope.values, scope.dockerfile)?.unmatched ?? []),
  );
  for (const name of unmatched) {
    if (scope.known.includes(name)) continue;
    const close = suggest(name, scope.known);
    const hint = close === undefined ? '' : ` (did you mean ${close}?)`;
    report('UndefinedArgInFrom', `FROM uses '${name}', which is not declared${hint}`, from);
  }
}

function checkDefault(
  from: FromInstruction,
  scope: { defaults: ReadonlyMap<string, string>; dockerfile: Dockerfile },
  report: Report,
): void {
  const base = expand(from.base, scope.defaults, scope.dockerfile);
  if (base === undefined || isImageName(base.result)) return;
  report('InvalidDefaultArgInFrom', `Without build arguments '${from.base}' is no valid image`, from);
}

function checkPlatform(from: FromInstruction, report: Report): void {
  const { platform } = from;
  if (platform === undefined) return;
  if (/^"?\$(TARGETPLATFORM|\{TARGETPLATFORM\})"?$/.test(platform)) {
    report('RedundantTargetPlatform', `--platform=${platform} is what happens without the flag`, from);
  }
  if (platform.includes('$')) return;
  const parts = platform
    .toLowerCase()
    .split('/')
    .slice(0, 2)
    .map((part) => architectures[part] ?? part);
  if (parts.some((part) => from.name?.includes(part) === true)) return;
  report('FromPlatformFlagConstDisallowed', `--platform should not be the constant '${platform}'`, from);
}

const architectures: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
};

function expand(
  word: string,
  values: ReadonlyMap<string, string>,
  dockerfile: Dockerfile,
): { readonly result: string; readonly unmatched: readonly string[] } | undefined {
  try {
    return expandWord(word, values, { escape: dockerfile.escape });
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
}

/** Form of an image's name: `[host[:port]/]path[:tag][@digest]`; the distribution project's reference grammar. */
function isImageName(text: string): boolean {
  if (text.length > 512) return false;
  const [name = '', digest] = text.split('@', 2);
  if (digest !== undefined && !/^[A-Za-z][A-Za-z0-9]*:[0-9a-fA-F]{32,}$/.test(digest)) return false;
  const parts = name.split('/');
  const [host = ''] = parts;
  if (parts.length > 1 && (/[.:A-Z]/.test(host) || host === 'localhost')) parts.shift();
  const [last = '', tag] = (parts.pop() ?? '').split(':', 2);
  if (tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag)) return false;
  return [...parts, last].every((part) => /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/.test(part));
}
