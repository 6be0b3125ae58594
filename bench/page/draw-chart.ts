import type { MemoryRun, Results } from '../measure/results.ts';
import { shapes } from '../shapes/shapes.ts';
import { numbersOf } from './page-numbers.ts';

const width = 880;
const labels = 170;
const scale = 540;
const rowHeight = 40;

const style = `
    text { fill: #1f2933; }
    .small { font-size: 12px; fill: #52606d; }
    .bar { fill: #3f8f5f; }
    .missed { fill: #b9812f; }
    .plain { fill: #4a6fa5; }
    .target { stroke: #1f2933; stroke-width: 2; }
    .spread { stroke: #52606d; stroke-width: 1.5; }
    .axis { stroke: #9aa5b1; stroke-width: 1; fill: none; }
    .line { stroke: #4a6fa5; stroke-width: 2; fill: none; }
    .dot { fill: #4a6fa5; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e4e7eb; }
      .small { fill: #9aa5b1; }
      .bar { fill: #6cc08f; }
      .missed { fill: #dcae6a; }
      .plain, .dot { fill: #7fa3d9; }
      .target { stroke: #e4e7eb; }
      .spread { stroke: #c3cad2; }
      .axis { stroke: #52606d; }
      .line { stroke: #7fa3d9; }
    }
  `;

/** The chart of the page: bars of time against `docker buildx`, then time and memory as files and layers grow. */
export function drawChart(results: Results): string {
  const bars = drawRatios(results);
  const growth = results.growth;
  const plots = growth
    ? [
        drawPlot(growth.files, { x: 60, y: bars.height + 40, what: 'files in one layer' }),
        drawPlot(growth.layers, { x: 500, y: bars.height + 40, what: 'layers' }),
      ]
    : [];
  const height = bars.height + (growth ? 240 : 0);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="14" role="img" aria-labelledby="title">
  <title id="title">Time of OneBuild over time of docker buildx, and its growth with files and layers</title>
  <style>${style}</style>
${[...bars.parts, ...plots].map((part) => `  ${part}`).join('\n')}
</svg>
`;
}

function drawRatios({ shapes: measured }: Results): { readonly parts: string[]; readonly height: number } {
  const parts = [
    text(10, 22, 'Time of OneBuild / time of docker buildx build --push (shorter is better)'),
    text(10, 42, 'bar: medians; thin line: lowest to highest pair; upright mark: target', { class: 'small' }),
  ];
  const at = (ratio: number) => labels + Math.min(ratio, 1.2) * (scale / 1.2);
  let y = 60;
  const top = y;
  for (const shape of shapes) {
    const result = measured[shape.name];
    const numbers = result && numbersOf(result).find(({ name }) => name === 'buildx');
    if (numbers === undefined) continue;
    const { ratio, lowRatio, highRatio } = numbers;
    const kind = shape.target === undefined ? 'plain' : ratio <= shape.target ? 'bar' : 'missed';
    const middle = y + rowHeight / 2;
    parts.push(
      text(labels - 10, middle + 5, shape.name, { anchor: 'end' }),
      `<rect class="${kind}" x="${labels}" y="${y + 9}" width="${round(at(ratio) - labels)}" height="22" rx="2"/>`,
      `<path class="spread" d="M${round(at(lowRatio))} ${middle}H${round(at(highRatio))}"/>`,
      text(labels + scale + 15, middle + 5, ratio.toFixed(2)),
    );
    if (shape.target !== undefined) {
      parts.push(
        `<path class="target" d="M${round(at(shape.target))} ${y + 4}v32"/>`,
        text(labels + scale + 60, middle + 5, `target ${shape.target}`, { class: 'small' }),
      );
    }
    y += rowHeight;
  }
  const axes: string[] = [];
  for (const ratio of [0, 0.5, 1]) {
    axes.push(
      `<path class="axis" d="M${round(at(ratio))} ${top}V${y + 4}"/>`,
      text(at(ratio), y + 20, ratio === 1 ? '1 = buildx' : String(ratio), {
        class: 'small',
        anchor: 'middle',
      }),
    );
  }
  return { parts: [...axes, ...parts], height: y + 36 };
}

interface PlotPlace {
  readonly x: number;
  readonly y: number;
  readonly what: string;
}

function drawPlot(
  points: readonly (MemoryRun & { readonly count: number })[],
  { x, y, what }: PlotPlace,
): string {
  const [wide, high] = [320, 130];
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
    text(x, y - 12, `${what}: seconds (solid), peak memory (dashed)`, { class: 'small' }),
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

function text(
  x: number,
  y: number,
  content: string,
  { class: kind, anchor }: { readonly class?: string; readonly anchor?: string } = {},
): string {
  const attributes = `${kind ? ` class="${kind}"` : ''}${anchor ? ` text-anchor="${anchor}"` : ''}`;
  return `<text x="${round(x)}" y="${round(y)}"${attributes}>${content}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
