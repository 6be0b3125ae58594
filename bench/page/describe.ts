import type { Results } from '../measure/results.ts';
import { shapes } from '../shapes/shapes.ts';
import { comparisonsOf } from './page-numbers.ts';

export type Finding = (results: Results) => string;

export interface Reasons {
  readonly bound: string;
  readonly move: string;
}

/** Which targets of a shape are missed, what bounds it and what would move it. */
export function describe(results: Results, name: string, { bound, move }: Reasons): string {
  const shape = shapes.find((one) => one.name === name);
  const verdicts = (shape ? comparisonsOf(shape, results.shapes[name]) : []).map(({ theirs, target }) =>
    target !== undefined && theirs.ratio > target
      ? `**Target ${target} missed (${theirs.ratio.toFixed(2)}${theirs.name === 'loop' ? ', separate builds' : ''}).** `
      : '',
  );
  return `${verdicts.join('')}What bounds it: ${bound}\n\nWhat would move it: ${move}`;
}
