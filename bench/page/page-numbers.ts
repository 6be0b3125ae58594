import type { ShapeResult } from '../measure/results.ts';
import { medianOf, pairRatios } from '../measure/statistics.ts';
import type { Shape } from '../shapes/shape.ts';

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
  /** Bytes that went to the registry, median; undefined where that was not counted. */
  readonly sent: number | undefined;
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
  const sentOf = (builder: string) =>
    result.runs.flatMap((run) => (run.builder === builder && run.sent !== undefined ? [run.sent] : []));
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
      sent: sentOf(name).length > 0 ? medianOf(sentOf(name)) : undefined,
      ratio: medianOf(ours) / medianOf(times),
      lowRatio: Math.min(...ratios),
      highRatio: Math.max(...ratios),
    };
  });
}

/** A builder that a shape has a target against, or that is shown beside it. */
export interface Comparison {
  /** `three-variants-cold`, and for separate builds `three-variants-cold, loop` */
  readonly label: string;
  readonly ours: BuilderNumbers;
  readonly theirs: BuilderNumbers;
  readonly target: number | undefined;
}

/** With `docker buildx`; and with separate builds, where the shape has a target against them. */
export function comparisonsOf(shape: Shape, result: ShapeResult | undefined): Comparison[] {
  if (result === undefined) return [];
  const numbers = numbersOf(result);
  const compare = (name: string, label: string, target: number | undefined): Comparison[] => {
    const theirs = numbers.find((row) => row.name === name);
    const [ours] = numbers;
    return ours === undefined || theirs === undefined ? [] : [{ label, ours, theirs, target }];
  };
  return [
    ...compare('buildx', shape.name, shape.target),
    ...(shape.loopTarget === undefined ? [] : compare('loop', `${shape.name}, loop`, shape.loopTarget)),
  ];
}
