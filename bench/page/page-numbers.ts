import type { ShapeResult } from '../measure/results.ts';
import { medianOf, pairRatios } from '../measure/statistics.ts';

/** What the page and the chart say about one builder in one shape. */
export interface BuilderNumbers {
  readonly name: string;
  readonly title: string;
  /** Median, lowest and highest, in seconds. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** Bytes of the layers, median. */
  readonly size: number;
  /** OneBuild's median over this builder's, and the lowest and highest ratio of two runs that were neighbours. */
  readonly ratio: number;
  readonly lowRatio: number;
  readonly highRatio: number;
}

/** OneBuild first, then the others in the order in which they ran. */
export function numbersOf(result: ShapeResult): BuilderNumbers[] {
  const secondsOf = (builder: string) =>
    result.runs.filter((run) => run.builder === builder).map(({ seconds }) => seconds);
  const ours = secondsOf('onebuild');
  return Object.entries(result.titles).map(([name, title]) => {
    const times = secondsOf(name);
    const ratios = pairRatios(ours, times);
    return {
      name,
      title,
      median: medianOf(times),
      low: Math.min(...times),
      high: Math.max(...times),
      size: medianOf(result.runs.filter((run) => run.builder === name).map((run) => run.size)),
      ratio: medianOf(ours) / medianOf(times),
      lowRatio: Math.min(...ratios),
      highRatio: Math.max(...ratios),
    };
  });
}
