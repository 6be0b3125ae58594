import { dirname } from 'node:path';
import { type OneBuildError, toFault } from '@onebuild/core';
import { lintTogether, type PlacedDockerfile } from '@onebuild/dockerfile';
import type { RuleChoice } from './choose-rules.ts';
import { type Finding, toErrorFinding, toFinding } from './finding.ts';
import { formatDiff } from './format-diff.ts';
import { type LintFile, lintFile } from './lint-file.ts';
import { replaceFile } from './replace-file.ts';

export interface FilesReport {
  readonly findings: readonly Finding[];
  /** What was corrected, or would be. */
  readonly fixed: number;
  /** What corrections change, as a patch; nothing but with `fix: 'diff'`. */
  readonly diff: string;
  /** The first error of a file that cannot be read as a Dockerfile. */
  readonly failure?: OneBuildError;
}

export interface LintFilesOptions {
  readonly choice: RuleChoice;
  /** `write`: files are corrected first; `diff`: it is told what that would change. */
  readonly fix: 'none' | 'write' | 'diff';
}

/** Looks at files, alone and together. */
export async function lintFiles(
  files: readonly LintFile[],
  { choice, fix }: LintFilesOptions,
): Promise<FilesReport> {
  const findings: Finding[] = [];
  const read: PlacedDockerfile[] = [];
  const diffs: string[] = [];
  let failure: OneBuildError | undefined;
  let fixed = 0;
  for (const file of files) {
    try {
      const canFix = file.derived !== true && (fix === 'diff' || file.path !== undefined);
      const result = await lintFile(file, { choice, fix: fix !== 'none' && canFix });
      findings.push(...result.findings);
      if (file.derived !== true)
        read.push({ folder: dirname(file.path ?? ''), dockerfile: result.dockerfile });
      fixed += result.fixed;
      if (result.corrected === undefined) continue;
      if (fix === 'diff')
        diffs.push(formatDiff(file.name, Buffer.from(file.bytes).toString(), result.corrected));
      else if (file.path !== undefined) await replaceFile(file.path, file.bytes, result.corrected);
    } catch (thrown) {
      const error = toFault(thrown);
      if (error.kind !== 'input') throw error;
      failure ??= error;
      findings.push(toErrorFinding(error, file.name));
    }
  }
  for (const warning of lintTogether(read)) {
    const dockerfile = read.find((one) => one.dockerfile.name === warning.location.file)?.dockerfile;
    if (dockerfile !== undefined && choice.wants(warning.rule)) findings.push(toFinding(dockerfile, warning));
  }
  return { findings: distinct(findings), fixed, diff: diffs.join(''), ...(failure && { failure }) };
}

/** A template that is rendered for several targets may have the same in each. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ rule, message, location }) => {
    const key = JSON.stringify([rule, message, location.file, location.line]);
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}
