import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import {
  type Dockerfile,
  findEdits,
  fixDockerfile,
  type IgnoreMatcher,
  type LintOptions,
  type LintWarning,
  lintDockerfile,
  parseDockerfile,
  parseIgnoreFile,
} from '@onebuild/dockerfile';
import { largestDockerfile } from '../build/find-dockerfile.ts';
import type { RuleChoice } from './choose-rules.ts';
import { type Finding, placeEdits, type PlacedEdit, toFinding } from './finding.ts';

/** A Dockerfile to look at; without path it came from elsewhere and is not written. */
export interface LintFile {
  readonly name: string;
  readonly path?: string;
  readonly bytes: Uint8Array;
  /** Made from a template or a part of another file: corrections would have no place. */
  readonly derived?: boolean;
  /** Folder of the build's context; undefined: that of the file. */
  readonly context?: string;
  /** Build arguments of each build that a project makes of it; it is looked at with those of each. */
  readonly uses?: readonly Readonly<Record<string, string>>[];
}

export interface FileReport {
  /** As it is after corrections. */
  readonly dockerfile: Dockerfile;
  readonly findings: readonly Finding[];
  /** The text with all corrections, where it is another one. */
  readonly corrected?: string;
  /** How many corrections there are. */
  readonly fixed: number;
}

/** Corrections of one file that are shown; nobody reads more. */
const mostEdited = 1000;

/**
 * Looks at one file; with `fix` at what it is after corrections. Nothing is written.
 * @throws what parsing throws
 */
export async function lintFile(
  file: LintFile,
  { choice, fix }: { readonly choice: RuleChoice; readonly fix: boolean },
): Promise<FileReport> {
  const ignore = file.path === undefined ? undefined : await readIgnoreFile(file.path, file.context);
  const { experimental, wants } = choice;
  const wanted = ({ rule }: LintWarning): boolean => wants(rule);
  const [options, ...others] = (file.uses ?? [{}]).map(
    (buildArgs): LintOptions => ({ practice: true, experimental, buildArgs, ...(ignore && { ignore }) }),
  );
  let dockerfile = parseDockerfile(file.bytes, { name: file.name });
  const written = dockerfile.text;
  let fixed = 0;
  // a file in another encoding cannot be written as it was
  if (fix && Buffer.from(written).equals(file.bytes)) {
    const result = fixDockerfile(dockerfile, { ...options, wanted });
    dockerfile = result.dockerfile;
    fixed = result.fixed.length;
  }
  const warnings = lintDockerfile(dockerfile, options).filter(wanted);
  const keys = new Set(warnings.map(keyOf));
  for (const other of others) {
    const more = lintDockerfile(dockerfile, other).filter(wanted);
    warnings.push(...more.filter((warning) => !keys.has(keyOf(warning))));
    for (const warning of more) keys.add(keyOf(warning));
  }
  const { text } = dockerfile;
  return {
    dockerfile,
    findings: describe(dockerfile, warnings),
    fixed,
    ...(text !== written && { corrected: text }),
  };
}

function keyOf({ rule, message, location }: LintWarning): string {
  return `${location.line}:${rule}:${message}`;
}

function describe(dockerfile: Dockerfile, warnings: readonly LintWarning[]): readonly Finding[] {
  // one warning's edits are those of all warnings of its rule in the instruction
  const edits = new Map<string, readonly PlacedEdit[]>();
  return warnings
    .toSorted((a, b) => a.location.line - b.location.line)
    .map((warning) => {
      const key = `${warning.rule}:${warning.location.line}`;
      if (!edits.has(key) && edits.size < mostEdited)
        edits.set(key, placeEdits(dockerfile, findEdits(dockerfile, warning)));
      return toFinding(dockerfile, warning, edits.get(key));
    });
}

/** `<Dockerfile>.dockerignore`, else `.dockerignore` of the context. */
async function readIgnoreFile(path: string, context = dirname(path)): Promise<IgnoreMatcher | undefined> {
  for (const candidate of [`${path}.dockerignore`, join(context, '.dockerignore')]) {
    const text = await readFile(candidate, 'utf8').catch(() => undefined);
    if (text !== undefined && text.length <= largestDockerfile)
      return parseIgnoreFile(text, { name: candidate });
  }
  return undefined;
}

/** Reads a file; its name is the path from the working folder, or the whole one outside of it. */
export async function readLintFile(path: string, cwd: string): Promise<LintFile> {
  const name = relative(cwd, path);
  return {
    name: name === '' || name.startsWith('..') ? path : name,
    path: resolve(path),
    bytes: await readFile(path),
  };
}
