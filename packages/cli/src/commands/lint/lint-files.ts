import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { type OneBuildError, toFault } from '@onebuild/core';
import {
  type Dockerfile,
  findEdits,
  fixDockerfile,
  type IgnoreMatcher,
  type LintWarning,
  lintDockerfile,
  lintRulePage,
  lintRules,
  lintTogether,
  locate,
  type PlacedDockerfile,
  parseDockerfile,
  parseIgnoreFile,
  readCheckConfig,
} from '@onebuild/dockerfile';
import { largestDockerfile } from '../build/find-dockerfile.ts';
import type { RuleChoice } from './choose-rules.ts';
import { type Finding, type PlacedEdit, placeEdits } from './finding.ts';

/** A Dockerfile to look at; without path it came from elsewhere and is not written. */
export interface LintFile {
  readonly name: string;
  readonly path?: string;
  readonly bytes: Uint8Array;
}

export interface FilesReport {
  readonly findings: readonly Finding[];
  /** What was corrected. */
  readonly fixed: number;
  /** The first error of a file that cannot be read as a Dockerfile. */
  readonly failure?: OneBuildError;
}

export interface LintFilesOptions {
  readonly choice: RuleChoice;
  readonly fix: boolean;
}

/** Looks at files, alone and together; with `fix` corrects and writes them before. */
export async function lintFiles(files: readonly LintFile[], options: LintFilesOptions): Promise<FilesReport> {
  const findings: Finding[] = [];
  const read: PlacedDockerfile[] = [];
  let failure: OneBuildError | undefined;
  let fixed = 0;
  for (const file of files) {
    try {
      const result = await lintFile(file, options);
      findings.push(...result.findings);
      fixed += result.fixed;
      read.push({ folder: file.path === undefined ? '' : dirname(file.path), dockerfile: result.dockerfile });
    } catch (thrown) {
      const error = toFault(thrown);
      if (error.kind !== 'input') throw error;
      failure ??= error;
      findings.push(toErrorFinding(error, file.name));
    }
  }
  const together = lintTogether(read).filter(({ rule }) => options.choice.wants(rule));
  for (const warning of together) {
    const dockerfile = read.find((one) => one.dockerfile.name === warning.location.file)?.dockerfile;
    if (dockerfile !== undefined) findings.push(toFinding(dockerfile, warning));
  }
  return { findings, fixed, ...(failure && { failure }) };
}

async function lintFile(
  file: LintFile,
  { choice, fix }: LintFilesOptions,
): Promise<{
  readonly dockerfile: Dockerfile;
  readonly findings: readonly Finding[];
  readonly fixed: number;
}> {
  const ignore = file.path === undefined ? undefined : await readIgnoreFile(file.path);
  const { experimental, wants } = choice;
  const options = { practice: true, experimental, ...(ignore && { ignore }) };
  const wanted = ({ rule }: LintWarning): boolean => wants(rule);
  let dockerfile = parseDockerfile(file.bytes, { name: file.name });
  let fixed = 0;
  // a file in another encoding cannot be written as it was
  if (fix && file.path !== undefined && Buffer.from(dockerfile.text).equals(file.bytes)) {
    const result = fixDockerfile(dockerfile, { ...options, wanted });
    if (result.dockerfile.text !== dockerfile.text) await writeFile(file.path, result.dockerfile.text);
    dockerfile = result.dockerfile;
    fixed = result.fixed.length;
  }
  const findings: Finding[] = [];
  // one warning's edits are those of all warnings of its rule in the instruction
  const edits = new Map<string, readonly PlacedEdit[]>();
  for (const warning of lintDockerfile(dockerfile, options).filter(wanted)) {
    const key = `${warning.rule}:${warning.location.line}`;
    if (!edits.has(key) && edits.size < mostEdited)
      edits.set(key, placeEdits(dockerfile, findEdits(dockerfile, warning)));
    findings.push(toFinding(dockerfile, warning, edits.get(key)));
  }
  return { dockerfile, findings, fixed };
}

/** Corrections of one file that are shown; nobody reads more. */
const mostEdited = 1000;

function toFinding(dockerfile: Dockerfile, warning: LintWarning, edits: readonly PlacedEdit[] = []): Finding {
  const { rule, message, location } = warning;
  const { severity } = lintRules[rule];
  return {
    rule,
    severity: severity === 'warning' && readCheckConfig(dockerfile).error ? 'error' : severity,
    message,
    location: locate(dockerfile, location),
    page: lintRulePage(rule),
    edits,
  };
}

function toErrorFinding(error: OneBuildError, name: string): Finding {
  const { code, message, hint, location = { file: name, line: 1 } } = error;
  return { rule: code, severity: 'error', message, hint, location, edits: [] };
}

/** `<Dockerfile>.dockerignore`, else `.dockerignore` beside it: the context is most likely the folder it lies in. */
async function readIgnoreFile(path: string): Promise<IgnoreMatcher | undefined> {
  for (const candidate of [`${path}.dockerignore`, join(dirname(path), '.dockerignore')]) {
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
