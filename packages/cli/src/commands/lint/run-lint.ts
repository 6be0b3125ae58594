import { fault } from '@onebuild/core';
import type { CliContext } from '../../cli-context.ts';
import { createPalette } from '../../display/palette.ts';
import { exitCodes } from '../../exit-code.ts';
import { wantsColours } from '../../settings/wants-colours.ts';
import { chooseRules } from './choose-rules.ts';
import { collectFiles } from './collect-files.ts';
import type { LintFlags } from './define-lint.ts';
import type { Finding } from './finding.ts';
import { lintFiles } from './lint-files.ts';
import { renderFindings, summarize, toJson } from './render-findings.ts';

/**
 * `onebuild lint`: 0 where nothing but notes was found, 1 for errors and warnings, 3 where a file is no Dockerfile; with `--diff` 1 where there
 * is something to correct.
 * @throws USAGE, DOCKERFILE_NOT_FOUND, CONTEXT_CHANGED, FILE_ACCESS, what reading an image throws
 */
export async function runLint(
  context: CliContext,
  paths: readonly string[],
  flags: LintFlags,
): Promise<void> {
  refuseTogether(paths, flags);
  const choice = chooseRules(flags.rule, flags.skip);
  const files = paths.length === 0 && flags.image.length > 0 ? [] : await collectFiles(context, paths);
  const fix = flags.diff === true ? 'diff' : flags.fix === true ? 'write' : 'none';
  const { findings, fixed, diff, failure } = await lintFiles(files, { choice, fix });
  if (flags.diff === true) {
    const unread = findings.filter(({ page }) => page === undefined);
    for (const line of renderFindings(unread, createPalette(false))) context.stderr.write(`${line}\n`);
    context.stdout.write(diff);
    context.exitCode = diff === '' ? 0 : exitCodes.build;
  } else {
    const all = [...findings];
    for (const reference of flags.image) {
      const { lintImage } = await import('./lint-image.ts');
      all.push(...(await lintImage(context, reference, flags)).filter(({ rule }) => choice.wants(rule)));
    }
    await print(context, flags, { findings: all, files: files.length, fixed });
    if (all.some(({ severity }) => severity !== 'note')) context.exitCode = exitCodes.build;
  }
  if (failure !== undefined) context.exitCode = exitCodes[failure.kind];
}

/** @throws USAGE for flags of which one would be of no effect */
function refuseTogether(paths: readonly string[], { fix, diff, format, image }: LintFlags): void {
  if (diff === true && format !== 'text') throw fault('USAGE', `--diff prints a patch, not ${format}`);
  if (diff === true && image.length > 0) throw fault('USAGE', '--diff is for files, --image for images');
  if (fix === true && diff !== true && paths.includes('-')) {
    throw fault('USAGE', '--fix cannot correct standard input', {
      hint: '--diff prints what it would change.',
    });
  }
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
    context.stdout.write(`${JSON.stringify(toSarif(findings, version), null, 2)}\n`);
  } else if (format === 'json') {
    context.stdout.write(`${JSON.stringify(toJson(findings, result), null, 2)}\n`);
  } else {
    const lines = renderFindings(findings, createPalette(wantsColours(env, stdout)));
    if (lines.length > 0) context.stdout.write(`${lines.join('\n')}\n`);
    stderr.write(`${summarize(findings, result)}\n`);
  }
}
