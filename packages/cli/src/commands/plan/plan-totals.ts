import type { BuildPlan } from '@onebuild/engine';
import { formatCount, formatDuration } from '../../display/format-amounts.ts';
import { countBoxes } from './name-boxes.ts';
import { isShown } from './plan-view.ts';

/** Steps of Dockerfiles; times are milliseconds. */
export interface PlanTotals {
  readonly boxes: number;
  readonly steps: number;
  readonly cached: number;
  /** Those included that only run when what they stand on comes out other than before. */
  readonly toRun: number;
  readonly open: number;
  /** Steps that more than one box stands on. */
  readonly shared: number;
  /** RUN steps that are to run; of how many it is known how long they took, and the sum of that. */
  readonly runs: number;
  readonly timed: number;
  readonly ms: number;
}

export function countPlan({ boxes, steps }: BuildPlan): PlanTotals {
  const shown = steps.filter(isShown);
  const toRun = shown.filter(({ status }) => status !== 'cached');
  const runs = toRun.filter(({ kind }) => kind === 'exec');
  const timed = runs.filter(({ ms }) => ms !== undefined);
  return {
    boxes: boxes.length,
    steps: shown.length,
    cached: shown.length - toRun.length,
    toRun: toRun.length,
    open: shown.filter(({ status }) => status === 'open').length,
    shared: shown.filter(({ boxes: users }) => users.length > 1).length,
    runs: runs.length,
    timed: timed.length,
    ms: timed.reduce((sum, { ms = 0 }) => sum + ms, 0),
  };
}

/** `41 steps for 6 boxes: 30 cached, 11 to run; 9 shared by several boxes` */
export function renderTotals(totals: PlanTotals): readonly string[] {
  const { boxes, steps, cached, toRun, shared, runs, timed, ms } = totals;
  const sharing = boxes < 2 ? '' : `; ${shared === 0 ? 'none' : shared} shared by several boxes`;
  const head = `${formatCount(steps, 'step')} for ${countBoxes(boxes)}: ${cached} cached, ${toRun} to run${sharing}`;
  if (timed === 0) return [head];
  const which = timed === runs ? '' : ` of ${timed} of the ${runs} RUN steps; of the others no time is known`;
  return [head, `about ${formatDuration(ms)} of work, as it took last time${which}`];
}
