import { isShown, type PlanView } from './plan-view.ts';

/** Between drawn steps, by their numbers: what is needed, and what needs it. Each once, in a stable order. */
export function graphEdges({
  plan,
  blocks,
  numbers,
}: PlanView): readonly (readonly [from: number, to: number])[] {
  const edges = new Map<string, readonly [number, number]>();
  for (const { steps } of blocks) {
    for (const step of steps) {
      const to = numbers.get(step.id);
      const open = [...step.inputs];
      const seen = new Set(open);
      for (let id = open.pop(); id !== undefined; id = open.pop()) {
        const input = plan.steps[id];
        if (input === undefined) continue;
        const from = numbers.get(id);
        if (isShown(input) && from !== undefined && to !== undefined) {
          if (from !== to) edges.set(`${from} ${to}`, [from, to]);
          continue;
        }
        for (const further of input.inputs) {
          if (seen.has(further)) continue;
          seen.add(further);
          open.push(further);
        }
      }
    }
  }
  return [...edges.values()].sort(([a, b], [c, d]) => a - c || b - d);
}
