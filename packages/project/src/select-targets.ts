import { fault, suggest } from '@onebuild/core';
import type { Project, Target } from './model.ts';

export interface Selection {
  /** What was asked for, in the order of the project. */
  readonly targets: readonly Target[];
  /** What these are bound to and nobody asked for: parts of the graph without output. */
  readonly needed: readonly Target[];
}

/**
 * Targets by their names, those of groups, or the names of variants that only one component has; without names the defaults.
 * @throws TARGET_NOT_FOUND
 */
export function selectTargets(project: Project, names: readonly string[]): Selection {
  const wanted = new Set<string>();
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    if (project.targets.some((target) => target.name === name)) wanted.add(name);
    else for (const member of membersOf(project, name)) visit(member);
  };
  for (const name of names.length === 0 ? project.defaults : names) visit(name);
  const targets = project.targets.filter(({ name }) => wanted.has(name));
  return { targets, needed: findNeeded(project, targets) };
}

function membersOf(project: Project, name: string): readonly string[] {
  const group = Object.hasOwn(project.groups, name) ? project.groups[name] : undefined;
  if (group !== undefined) return group;
  const variants = project.targets.filter(({ variant }) => variant === name);
  if (variants.length === 1) return variants.map((target) => target.name);
  const known = [...project.targets.map((target) => target.name), ...Object.keys(project.groups)];
  const meant = suggest(name, known);
  throw fault('TARGET_NOT_FOUND', `there is no target or group ${JSON.stringify(name)}`, {
    hint:
      meant === undefined
        ? `There are ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', ...' : ''}.`
        : `Did you mean ${meant}?`,
  });
}

function findNeeded(project: Project, targets: readonly Target[]): readonly Target[] {
  const found = new Set(targets.map(({ name }) => name));
  const open = [...targets];
  for (let target = open.pop(); target !== undefined; target = open.pop()) {
    for (const { target: name } of Object.values(target.binds)) {
      if (found.has(name)) continue;
      found.add(name);
      const next = project.targets.find((one) => one.name === name);
      if (next !== undefined) open.push(next);
    }
  }
  return project.targets.filter((target) => found.has(target.name) && !targets.includes(target));
}
