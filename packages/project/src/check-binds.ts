import { fault } from '@onebuild/core';
import type { Target } from './model.ts';

/**
 * Looks for targets that need each other in a circle. Bindings to a stage are left to the build: another stage may be free of it.
 * @throws PROJECT_INVALID with the circle
 */
export function checkBinds(targets: readonly Target[]): void {
  const byName = new Map(targets.map((target) => [target.name, target]));
  const done = new Set<string>();
  const visit = (target: Target, above: readonly string[]): void => {
    if (above.includes(target.name)) {
      const circle = [...above.slice(above.indexOf(target.name)), target.name];
      throw fault('PROJECT_INVALID', `targets need each other in a circle: ${circle.join(' -> ')}`, {
        hint: 'Bind one of them to a stage that does not need the others: variant/stage.',
        location: target.location,
      });
    }
    if (done.has(target.name)) return;
    for (const ref of Object.values(target.binds)) {
      const next = ref.stage === undefined ? byName.get(ref.target) : undefined;
      if (next !== undefined) visit(next, [...above, target.name]);
    }
    done.add(target.name);
  };
  for (const target of targets) visit(target, []);
}
