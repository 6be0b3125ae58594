import { fault, suggest } from '@onebuild/core';
import { lintRuleNames } from '@onebuild/dockerfile';
import { type BuildRecord, lastBuild, type RecordedStep } from '@onebuild/engine';
import type { CliContext } from '../../cli-context.ts';
import { createPalette } from '../../display/palette.ts';
import { errorCodes, findTopic, findTopicLoosely } from '../../explain/explain-topic.ts';
import { printTopic } from '../../explain/print-topic.ts';
import { renderCodes } from '../../explain/render-explanation.ts';
import { renderRules } from '../../explain/render-rule.ts';
import { parseWhole } from '../../flags/amounts.ts';
import { findStoreHome } from '../../settings/store-home.ts';
import { wantsColours } from '../../settings/wants-colours.ts';
import type { ExplainFlags } from './define-explain.ts';
import { findSteps } from './find-steps.ts';
import { renderBuild, renderSteps } from './render-build.ts';

/** Columns where the output is no terminal. */
const usualColumns = 160;

/**
 * `onebuild explain`: a page, or steps of an earlier build.
 * @throws USAGE where nothing has that name, or there was no build
 */
export async function runExplain(context: CliContext, text: string, flags: ExplainFlags): Promise<void> {
  if (flags.list === true) {
    context.stdout.write(`${[...renderCodes(), '', ...renderRules()].join('\n')}\n`);
    return;
  }
  const topic = findTopic(text);
  if (topic !== undefined) {
    printTopic(context, topic, flags.format);
    return;
  }
  const record = await findBuild(context, flags, text);
  const steps = record === undefined ? [] : text === '' ? record.steps : findSteps(record, text);
  if (record !== undefined && (text === '' || steps.length > 0)) {
    printSteps(context, { record, steps, isWhole: text === '' }, flags);
    return;
  }
  const meant = findTopicLoosely(text);
  if (meant === undefined) throw nothingFound(text, record);
  printTopic(context, meant, flags.format);
}

async function findBuild(
  context: CliContext,
  flags: ExplainFlags,
  text: string,
): Promise<BuildRecord | undefined> {
  const back = parseWhole(flags.last, '--last', 1) - 1;
  const home = findStoreHome(context, flags.home);
  const record = await lastBuild(home, context.clock, { folder: context.cwd, back });
  if (record === undefined && (text === '' || back > 0)) {
    throw fault(
      'USAGE',
      back > 0 ? `there are no ${back + 1} builds to look back at` : 'nothing was built here yet',
      {
        hint: 'Steps can be explained after `onebuild build`; `onebuild plan` tells before it, `onebuild explain --list` has error codes and lint rules.',
      },
    );
  }
  return record;
}

function printSteps(
  { env, stdout }: CliContext,
  {
    record,
    steps,
    isWhole,
  }: { readonly record: BuildRecord; readonly steps: readonly RecordedStep[]; readonly isWhole: boolean },
  { format }: ExplainFlags,
): void {
  if (format === 'json') {
    const sorted = steps.toSorted((a, b) => a.number - b.number);
    stdout.write(`${JSON.stringify({ ...record, steps: sorted }, null, 2)}\n`);
    return;
  }
  const palette = createPalette(wantsColours(env, stdout));
  const style = { palette, columns: Math.max(60, stdout.columns || usualColumns) };
  const lines = isWhole ? renderBuild(record, style) : renderSteps(record, steps, style);
  stdout.write(`${lines.join('\n')}\n`);
}

function nothingFound(text: string, record: BuildRecord | undefined): Error {
  const isCode = /^[A-Z]+(?:_[A-Z]+)+$/.test(text);
  const places = [...(record?.targets ?? []), ...(record?.steps.flatMap(({ stage }) => stage ?? []) ?? [])];
  const close = suggest(text, isCode ? errorCodes : [...new Set(places), ...lintRuleNames, ...errorCodes]);
  const what = isCode ? 'error code' : 'step, error code or lint rule';
  const otherwise = isCode
    ? '`onebuild explain --list` lists them all.'
    : '`onebuild explain` lists the steps of the last build, `onebuild explain --list` all codes and rules.';
  return fault('USAGE', `there is no ${what} ${JSON.stringify(text.slice(0, 200))}`, {
    hint: close === undefined ? otherwise : `Did you mean ${close}?`,
  });
}
