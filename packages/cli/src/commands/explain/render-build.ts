import type { BuildRecord, RecordedStep } from '@onebuild/engine';
import { formatCount, formatDuration } from '../../display/format-amounts.ts';
import type { Palette } from '../../display/palette.ts';
import { renderTable } from '../../display/render-table.ts';
import { fitText } from '../../display/text-width.ts';
import { describeOutcome, oneLine, shortReason, statusWords, stepTitle } from './describe-step.ts';

/** Targets that are named. */
const mostTargets = 5;
/** Columns of an instruction in the table. */
const widestStep = 60;

interface ExplainStyle {
  readonly palette: Palette;
  readonly columns: number;
}

/** All steps of a build, a line for each. */
export function renderBuild(record: BuildRecord, { palette, columns }: ExplainStyle): string[] {
  const steps = record.steps.toSorted((a, b) => a.number - b.number);
  const rows = steps.map((step) => [
    String(step.number),
    statusWords[step.status],
    formatDuration(step.ms),
    fitText(stepTitle(step), Math.min(widestStep, Math.floor(columns / 2))),
    shortReason(step),
  ]);
  const [header = '', ...lines] = renderTable(['#', 'STATUS', 'TIME', 'STEP', 'WHY'], rows);
  return [
    palette.bold(oneLine(describeBuild(record))),
    palette.dim(header),
    ...lines.map((line) => fitText(line, columns)),
  ];
}

/** Some steps of a build, with the whole reason. */
export function renderSteps(
  record: BuildRecord,
  steps: readonly RecordedStep[],
  { palette }: ExplainStyle,
): string[] {
  return [
    palette.dim(oneLine(describeBuild(record))),
    ...steps.flatMap((step) => {
      const { number, file, line } = step;
      const place = file === undefined || line === undefined ? [] : [`${oneLine(file)}:${line}`];
      const places = [...place, ...nameTargets(record, step)];
      return [
        '',
        palette.bold(`#${number} ${fitText(stepTitle(step), 200)}`),
        ...(places.length === 0 ? [] : [`   ${places.join(', ')}`]),
        `   ${describeOutcome(step)}`,
      ];
    }),
  ];
}

function nameTargets({ targets }: BuildRecord, { targets: own }: RecordedStep): readonly string[] {
  if (own === undefined) return [];
  const names = own.map((at) => oneLine(targets[at] ?? ''));
  if (names.length === 1) return [`for ${names[0]}`];
  const more = names.length - mostTargets;
  return [`shared by ${names.slice(0, mostTargets).join(', ')}${more > 0 ? ` and ${more} more` : ''}`];
}

/** `Build of 2026-01-31 12:00:05 UTC, started in /src/shop: 10 steps, 7 ran, 3 cached` */
function describeBuild({ started, folder, ok, steps }: BuildRecord): string {
  const time = new Date(started).toISOString().slice(0, 19).replace('T', ' ');
  const place = folder === undefined ? '' : `, started in ${folder}`;
  const count = (status: RecordedStep['status']) => steps.filter((step) => step.status === status).length;
  const counts = (['done', 'cached', 'failed', 'canceled'] as const).flatMap((status) =>
    count(status) === 0 ? [] : [`${count(status)} ${statusWords[status]}`],
  );
  const end = ok || count('failed') > 0 ? '' : ', and it did not finish';
  return `Build of ${time} UTC${place}: ${[formatCount(steps.length, 'step'), ...counts].join(', ')}${end}`;
}
