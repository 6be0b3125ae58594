import type { BuiltImage } from '@onebuild/core';
import type { BuildRecord, StepRecord, WarningEvent } from './build-record.ts';
import { cleanLine } from './clean-text.ts';
import { formatBytes, formatCount, formatDuration } from './format-amounts.ts';
import type { Palette } from './palette.ts';
import { fitText } from './text-width.ts';

/** Columns of a step's name in the summary. */
const longestTitle = 100;

/** Steps whose time the summary lists. */
const slowestShown = 10;

/** Milliseconds; shorter ones would be shown as 0.0s. */
const shortestShown = 50;

/**
 * The last lines of a build that succeeded: digest, size, steps run and cached, time per step. `columns`: of the terminal, where there
 * is one.
 */
export function renderSummary(record: BuildRecord, palette: Palette, columns?: number): string[] {
  const { finish } = record;
  if (finish === undefined || (record.steps.size === 0 && record.images.length === 0)) return [];
  const lines: string[] = [];
  for (const image of record.images) lines.push(...imageLines(image, palette));
  const steps = finish.ran + finish.cached;
  lines.push(
    `${palette.bold('Steps')}   ${steps}: ${finish.ran} run, ${finish.cached} cached, in ${formatDuration(finish.ms)}`,
  );
  lines.push(...stepTimes(record, palette, columns));
  if (record.warnings.length > 0) {
    lines.push(palette.warn(`${formatCount(record.warnings.length, 'warning')} above`));
  }
  return lines;
}

function imageLines(image: BuiltImage, palette: Palette): string[] {
  const lines = [
    `${palette.good('Image')}   ${palette.bold(image.digest)}  ${image.platforms.join(', ')}`.trimEnd(),
    `${palette.bold('Size')}    ${formatBytes(image.size)} in layers${transfer(image)}`,
  ];
  for (const name of image.names) lines.push(`${palette.bold('Name')}    ${name}`);
  if (image.outputs.length > 0) lines.push(`${palette.bold('Output')}  ${image.outputs.join(', ')}`);
  return lines;
}

function transfer(image: BuiltImage): string {
  if (image.sentBytes === 0 && image.reusedBytes === 0) return '';
  return `; ${formatBytes(image.sentBytes)} sent, ${formatBytes(image.reusedBytes)} there already`;
}

function stepTimes(record: BuildRecord, palette: Palette, columns = Number.POSITIVE_INFINITY): string[] {
  const width = Math.min(longestTitle, columns - 13);
  const ran = [...record.steps.values()].filter(({ finished }) => {
    return finished?.status === 'done' && finished.ms >= shortestShown;
  });
  ran.sort((a, b) => (b.finished?.ms ?? 0) - (a.finished?.ms ?? 0) || a.number - b.number);
  return ran
    .slice(0, slowestShown)
    .map(
      (step) =>
        `${formatDuration(step.finished?.ms ?? 0).padStart(10)}  ${palette.dim(fitText(step.title, width))}`,
    );
}

/** What failed and the last lines that it wrote. The error itself is printed by the command. */
export function renderFailure(record: BuildRecord, palette: Palette): string[] {
  return record.failed().flatMap((step) => failedStep(step, palette));
}

function failedStep(step: StepRecord, palette: Palette): string[] {
  if (step.tail.length === 0) return [];
  const rule = palette.dim('------');
  const lines = step.tail.map(({ text }) => cleanLine(text, { colours: false }));
  return [rule, ` > ${palette.bold(step.title)}:`, ...lines, rule];
}

/** A warning with its place: `warning FromAsCasing: ... (Dockerfile:1)` */
export function renderWarning(warning: WarningEvent, palette: Palette): string[] {
  const place =
    warning.location === undefined ? '' : ` (${warning.location.file}:${String(warning.location.line)})`;
  const lines = [
    `${palette.warn('warning')} ${palette.bold(warning.rule)}: ${cleanLine(warning.message, { colours: false })}${place}`,
  ];
  if (warning.location?.snippet !== undefined) {
    lines.push(...warning.location.snippet.split('\n').map((line) => `  ${line}`.trimEnd()));
  }
  if (warning.url !== undefined) lines.push(palette.dim(`  ${warning.url}`));
  return lines;
}
