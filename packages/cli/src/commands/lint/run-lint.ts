import { resolve } from 'node:path';
import { fault } from '@onebuild/core';
import type { CliContext } from '../../cli-context.ts';
import { createPalette } from '../../display/palette.ts';
import { exitCodes } from '../../exit-code.ts';
import { readAll } from '../../read-all.ts';
import { wantsColours } from '../../settings/wants-colours.ts';
import { largestDockerfile } from '../build/find-dockerfile.ts';
import { chooseRules } from './choose-rules.ts';
import type { LintFlags } from './define-lint.ts';
import { findDockerfiles } from './find-dockerfiles.ts';
import type { Finding } from './finding.ts';
import { type LintFile, lintFiles, readLintFile } from './lint-files.ts';
import { renderFindings, summarize, toJson } from './render-findings.ts';

/** `onebuild lint`: 0 where nothing but notes was found, 1 for errors and warnings, 3 where a file is no Dockerfile. */
export async function runLint(
  context: CliContext,
  paths: readonly string[],
  flags: LintFlags,
): Promise<void> {
  const choice = chooseRules(flags.rule, flags.skip);
  const files = paths.length === 0 && flags.image.length > 0 ? [] : await collectFiles(context, paths);
  const { findings, fixed, failure } = await lintFiles(files, { choice, fix: flags.fix === true });
  const all = [...findings];
  for (const reference of flags.image) {
    const { lintImage } = await import('./lint-image.ts');
    all.push(...(await lintImage(context, reference, flags)).filter(({ rule }) => choice.wants(rule)));
  }
  await print(context, flags, { findings: all, files: files.length, fixed });
  if (failure !== undefined) context.exitCode = exitCodes[failure.kind];
  else if (all.some(({ severity }) => severity !== 'note')) context.exitCode = exitCodes.build;
}

async function collectFiles(context: CliContext, paths: readonly string[]): Promise<readonly LintFile[]> {
  const { cwd } = context;
  const files = new Map<string, LintFile>();
  for (const path of paths.length === 0 ? ['.'] : paths) {
    if (path === '-') {
      if (files.has('-')) throw fault('USAGE', 'standard input can be read once only');
      const bytes = await readAll(context.stdin, largestDockerfile, 'The Dockerfile on standard input');
      files.set('-', { name: 'Dockerfile', bytes });
      continue;
    }
    for (const found of await findDockerfiles(resolve(cwd, path))) {
      if (!files.has(found)) files.set(found, await readLintFile(found, cwd));
    }
  }
  return [...files.values()];
}

async function print(
  context: CliContext,
  { format }: LintFlags,
  result: { readonly findings: readonly Finding[]; readonly files: number; readonly fixed: number },
): Promise<void> {
  const { stdout, stderr, env, version } = context;
  const { findings } = result;
  if (format === 'sarif') {
    const { toSarif } = await import('./to-sarif.ts');
    stdout.write(`${JSON.stringify(toSarif(findings, version), null, 2)}\n`);
  } else if (format === 'json') {
    stdout.write(`${JSON.stringify(toJson(findings, result), null, 2)}\n`);
  } else {
    const lines = renderFindings(findings, createPalette(wantsColours(env, stdout)));
    if (lines.length > 0) stdout.write(`${lines.join('\n')}\n`);
    stderr.write(`${summarize(findings, result)}\n`);
  }
}
