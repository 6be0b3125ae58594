import type { BuildPlan } from '@onebuild/engine';
import { countPlan } from './plan-totals.ts';

/** A plan for programs: boxes, all steps (also those that no Dockerfile names), totals. Ids are indices of `steps`. */
export function describePlan(plan: BuildPlan): unknown {
  return { boxes: plan.boxes, steps: plan.steps, totals: countPlan(plan) };
}
