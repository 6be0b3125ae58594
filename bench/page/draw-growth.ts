import type { Growth, GrowthPoint, MemoryRun } from '../measure/results.ts';
import { drawing, round, text } from './svg-parts.ts';

/** Time and memory as files, layers and steps grow: straight lines are linear. */
export function drawGrowth({ files, layers, steps }: Growth): string {
  return drawing('Time and memory of OneBuild as files, layers and steps grow', 230, [
    drawPlot(files, 40, 'files in one layer'),
    drawPlot(layers, 330, 'layers by COPY'),
    drawPlot(steps, 620, 'RUN steps'),
  ]);
}

function drawPlot(points: readonly GrowthPoint[], x: number, what: string): string {
  const [y, wide, high] = [40, 230, 130];
  const most = Math.max(...points.map(({ count }) => count));
  const slowest = Math.max(...points.map(({ seconds }) => seconds));
  const biggest = Math.max(...points.map(({ peak }) => peak));
  const place = (count: number, share: number) =>
    [round(x + (count / most) * wide), round(y + high - share * high)] as const;
  const line = (shareOf: (point: MemoryRun) => number) =>
    points.map((point) => place(point.count, shareOf(point)).join(' ')).join('L');
  const dots = points.map((point) => {
    const [cx, cy] = place(point.count, point.seconds / slowest);
    return `<circle class="dot" cx="${cx}" cy="${cy}" r="3"/>`;
  });
  return [
    text(x, y - 18, what),
    text(x, y - 3, 'seconds (solid), peak memory (dashed)', { class: 'small' }),
    `<path class="axis" d="M${x} ${y}v${high}h${wide}"/>`,
    `<path class="line" d="M${line(({ seconds }) => seconds / slowest)}"/>`,
    `<path class="line" stroke-dasharray="5 4" d="M${line(({ peak }) => peak / biggest)}"/>`,
    ...dots,
    text(x + wide, y + high + 18, most.toLocaleString('en'), { class: 'small', anchor: 'end' }),
    text(x, y + high + 18, '0', { class: 'small', anchor: 'middle' }),
    text(x + 4, y + high + 36, `top of the plot: ${slowest.toFixed(1)} s, ${Math.round(biggest / 1e6)} MB`, {
      class: 'small',
    }),
  ].join('\n  ');
}
