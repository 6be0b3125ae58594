import type { Results } from '../measure/results.ts';
import { shapes } from '../shapes/shapes.ts';
import { numbersOf } from './page-numbers.ts';
import { drawing, round, text } from './svg-parts.ts';

const labels = 170;
const scale = 540;
const rowHeight = 40;

/** The chart of the page: bars of time against `docker buildx`. */
export function drawChart(results: Results): string {
  const { parts, height } = drawRatios(results);
  return drawing('Time of OneBuild over time of docker buildx', height, parts);
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
