import { fault, suggest } from '@onebuild/core';
import {
  type AttributeName,
  type AttributeValue,
  type BakeDefinition,
  type BakeGroup,
  type BakeTarget,
  mergeTargets,
} from './bake-target.ts';
import { applyOverrides, checkOverrides, type Override } from './overrides.ts';

/** One definition of several, later ones over earlier ones. */
export function mergeDefinitions(definitions: readonly BakeDefinition[]): BakeDefinition {
  const targets = new Map<string, BakeTarget>();
  const groups = new Map<string, BakeGroup>();
  for (const definition of definitions) {
    for (const target of definition.targets) {
      const earlier = targets.get(target.name);
      targets.set(target.name, earlier === undefined ? target : mergeTargets(earlier, target));
    }
    for (const group of definition.groups) groups.set(group.name, group);
  }
  return { targets: [...targets.values()], groups: [...groups.values()] };
}

/**
 * All targets with what they inherit and with overrides.
 * @throws PROJECT_INVALID, TARGET_NOT_FOUND, USAGE
 */
export function resolveTargets(definition: BakeDefinition, overrides: readonly Override[]): BakeTarget[] {
  checkOverrides(overrides, definition.targets);
  const byName = new Map(definition.targets.map((target) => [target.name, target]));
  const resolved = new Map<string, BakeTarget>();
  const resolve = (target: BakeTarget, above: readonly string[]): BakeTarget => {
    const known = resolved.get(target.name);
    if (known !== undefined) return known;
    const path = [...above, target.name];
    if (above.includes(target.name)) {
      throw fault('PROJECT_INVALID', `targets inherit in a circle: ${path.join(' -> ')}`, {
        location: target.location,
      });
    }
    if (path.length > 100)
      throw fault('PROJECT_INVALID', 'targets inherit more than 100 levels deep', {
        location: target.location,
      });
    let made: BakeTarget = { ...target, inherits: [], values: new Map() };
    for (const name of target.inherits) {
      const parent = byName.get(name);
      if (parent === undefined) throw missing(name, target, [...byName.keys()]);
      made = mergeTargets(made, resolve(parent, path));
    }
    made = { ...mergeTargets(made, target), inherits: [] };
    const done = normalize(applyOverrides(made, overrides));
    resolved.set(target.name, done);
    return done;
  };
  return definition.targets.map((target) => resolve(target, []));
}

function missing(name: string, target: BakeTarget, names: readonly string[]): Error {
  const meant = suggest(name, names);
  return fault('TARGET_NOT_FOUND', `${target.name} inherits from ${name}, which is not there`, {
    location: target.location,
    ...(meant !== undefined && { hint: `Did you mean ${meant}?` }),
  });
}

/** Doubles and empty texts go; an empty context takes an inherited one away. */
function normalize(target: BakeTarget): BakeTarget {
  const values = new Map<AttributeName, AttributeValue>();
  for (const [name, value] of target.values) {
    if (value instanceof Map) {
      const kept = [...(value as Map<string, string | null>)].filter(
        ([, text]) => text !== null && !(name === 'contexts' && text === ''),
      );
      values.set(name, new Map(kept));
    } else if (Array.isArray(value)) {
      const seen = new Map<string, unknown>();
      for (const item of value as readonly unknown[]) if (item !== '') seen.set(JSON.stringify(item), item);
      values.set(name, [...seen.values()] as string[]);
    } else {
      values.set(name, value);
    }
  }
  if (values.get('network') === 'host') {
    const earlier = (values.get('entitlements') ?? []) as readonly string[];
    values.set('entitlements', [...new Set([...earlier, 'network.host'])]);
  }
  return { ...target, values };
}

/** Names of targets and groups below a name, a target's own being itself. */
export function expandGroup(
  name: string,
  groups: readonly BakeGroup[],
): { readonly targets: readonly string[]; readonly groups: readonly string[] } {
  const byName = new Map(groups.map((group) => [group.name, group]));
  const targets = new Set<string>();
  const seen = new Set<string>();
  const open = [name];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const group = byName.get(next);
    if (group === undefined) targets.add(next);
    // a group may have the name of a target in it
    else if (seen.has(next)) targets.add(next);
    else open.unshift(...group.targets);
    if (group !== undefined) seen.add(next);
  }
  return {
    targets: [...targets].filter((one) => !seen.has(one) || byName.get(one)?.targets.includes(one)),
    groups: [...seen],
  };
}
