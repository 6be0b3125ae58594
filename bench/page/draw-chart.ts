import type { Results } from '../measure/results.ts';
import { shapes } from '../shapes/shapes.ts';
import { comparisonsOf } from './page-numbers.ts';
import { drawing, round, text } from './svg-parts.ts';

const labels = 200;
const scale = 510;
const rowHeight = 40;

/** The chart of the page: bars of time against `docker buildx`. */
export function drawChart(results: Results): string {
  const { parts, height } = drawRatios(results);
  return drawing('Time of OneBuild over time of docker buildx', height, parts);
}

function drawRatios({ shapes: measured }: Results): { readonly parts: string[]; readonly height: number } {
  const parts = [
    text(10, 22, 'Time of OneBuild / time of docker buildx build or bake --push (shorter is better)'),
    text(
      10,
      42,
      'bar: medians; thin line: lowest to highest pair; upright mark: target; loop: docker build, one after the other',
      { class: 'small' },
    ),
  ];
  const at = (ratio: number) => labels + Math.min(Math.max(ratio, 0), 1.2) * (scale / 1.2);
  let y = 60;
  const top = y;
  for (const shape of shapes) {
    for (const { label, theirs, target } of comparisonsOf(shape, measured[shape.name])) {
      const { ratio, lowRatio, highRatio } = theirs;
      const kind = target === undefined ? 'plain' : ratio <= target ? 'bar' : 'missed';
      const middle = y + rowHeight / 2;
      parts.push(
        text(labels - 10, middle + 5, label, { anchor: 'end' }),
        `<rect class="${kind}" x="${labels}" y="${y + 9}" width="${round(at(ratio) - labels)}" height="22" rx="2"/>`,
        `<path class="spread" d="M${round(at(lowRatio))} ${middle}H${round(at(highRatio))}"/>`,
        text(labels + scale + 15, middle + 5, ratio.toFixed(2)),
      );
      if (target !== undefined) {
        parts.push(
          `<path class="target" d="M${round(at(target))} ${y + 4}v32"/>`,
          text(labels + scale + 60, middle + 5, `target ${target}`, { class: 'small' }),
        );
      }
      y += rowHeight;
    }
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
