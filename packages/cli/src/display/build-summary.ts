import type { BuiltImage } from '@onebuild/core';
import type { BuildRecord, StepRecord, WarningEvent } from './build-record.ts';
import { cleanLine } from './clean-text.ts';
import { formatBytes, formatCount, formatDuration } from './format-amounts.ts';
import type { Palette } from './palette.ts';
import { renderBoxes, renderNames } from './render-boxes.ts';
import { renderCache } from './render-cache.ts';
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
  const isMany = record.images.some(({ target }) => target !== undefined);
  const table = finish.report === undefined ? [] : renderBoxes(finish.report, palette);
  if (isMany) lines.push(...renderNames(record.images, palette, columns), '');
  else for (const image of record.images) lines.push(...imageLines(image, palette));
  if (table.length > 0) lines.push(...table, '');
  const steps = finish.ran + finish.cached;
  lines.push(
    `${palette.bold('Steps')}   ${steps}: ${finish.ran} run, ${finish.cached} cached, in ${formatDuration(finish.ms)}`,
  );
  lines.push(...stepTimes(record, palette, columns));
  const cache = finish.report?.cache;
  if (cache !== undefined) lines.push(...renderCache(cache, palette, columns));
  if (record.warnings.length > 0) {
    lines.push(palette.warn(`${formatCount(record.warnings.length, 'warning')} above`));
  }
  return lines;
}

function imageLines(image: BuiltImage, palette: Palette): string[] {
  const platforms = image.platforms.length === 0 ? '' : ` for ${image.platforms.join(', ')}`;
  const lines = [
    `${palette.good('Image')}   ${palette.bold(image.digest)}`,
    `${palette.bold('Size')}    ${formatBytes(image.size)}${platforms}${transfer(image)}`,
  ];
  if (image.outputs.every((output) => output === 'store')) return [...lines, ...stayed(image, palette)];
  for (const name of image.names) lines.push(`${palette.bold('Name')}    ${name}`);
  lines.push(`${palette.bold('Output')}  ${image.outputs.join(', ')}`);
  return lines;
}

/** An image that went nowhere: what people expect of `-t` alone has to be asked for. */
function stayed({ names }: BuiltImage, palette: Palette): string[] {
  const hint =
    names.length === 0
      ? 'name it with -t, then add --push or --load; or write it with -o'
      : 'add --push to send it to its registry, or --load for the local Docker';
  return [
    `${palette.bold('Output')}  kept in the store, and nowhere else`,
    `        ${palette.active('hint')}: ${hint}`,
  ];
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

/** What failed and the last lines that it wrote, then how far the build came. The error itself is printed by the command. */
export function renderFailure(record: BuildRecord, palette: Palette): string[] {
  return [...record.failed().flatMap((step) => failedStep(step, palette)), ...reached(record, palette)];
}

function failedStep(step: StepRecord, palette: Palette): string[] {
  if (step.tail.length === 0) return [];
  const rule = palette.dim('------');
  const before = step.lines - step.tail.length;
  const lines = step.tail.map(({ text }) => clean(text));
  return [
    rule,
    ` > ${palette.bold(step.title)}:`,
    ...(before === 0
      ? []
      : [palette.dim(`... ${formatCount(before, 'line')} before (--progress=plain shows all)`)]),
    ...lines,
    rule,
  ];
}

function reached(record: BuildRecord, palette: Palette): string[] {
  if (record.steps.size === 0 || record.finish === undefined) return [];
  const parts = (['done', 'cached', 'failed', 'canceled'] as const)
    .map((status) => ({ status, count: record.finishedCount(status) }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${count} ${status}`);
  return [`${palette.bold('Steps')}   ${parts.join(', ')}, after ${formatDuration(record.finish.ms)}`];
}

/** A warning with its place: `warning FromAsCasing: ... (Dockerfile:1)` */
export function renderWarning(warning: WarningEvent, palette: Palette): string[] {
  const { location, rule, message, url } = warning;
  const place = location === undefined ? '' : ` (${location.file}:${String(location.line)})`;
  const snippet = location?.snippet?.split('\n') ?? [];
  return [
    `${palette.warn('warning')} ${palette.bold(rule)}: ${clean(message + place)}`,
    ...snippet.map((line) => `  ${clean(line)}`.trimEnd()),
    ...(url === undefined ? [] : [palette.dim(`  ${clean(url)}`)]),
  ];
}

/** Words of a Dockerfile or a registry: nothing in them steers the terminal. */
function clean(text: string): string {
  return cleanLine(text, { colours: false });
}
