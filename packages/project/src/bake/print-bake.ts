import { fault, suggest } from '@onebuild/core';
import { compileGlob } from '@onebuild/dockerfile';
import {
  type AttributeName,
  type AttributeValue,
  attributeKinds,
  type BakeGroup,
  type BakeTarget,
  type Fields,
  kindOf,
} from './bake-target.ts';
import { expandGroup } from './resolve-bake.ts';

export interface PrintedBake {
  readonly group: Readonly<Record<string, unknown>>;
  readonly target: Readonly<Record<string, unknown>>;
}

/**
 * What `docker buildx bake --print` shows for the names: their groups, targets, and those that these need.
 * @throws TARGET_NOT_FOUND
 */
export function printBake(
  { targets, groups }: { readonly targets: readonly BakeTarget[]; readonly groups: readonly BakeGroup[] },
  wanted: readonly string[] = [],
): PrintedBake {
  const byName = new Map(targets.map((target) => [target.name, target]));
  const names = selectNames(wanted.length === 0 ? ['default'] : wanted, [
    ...groups.map(({ name }) => name),
    ...byName.keys(),
  ]);
  const printed = new Map<string, unknown>();
  const shown = new Map<string, { description?: string; targets: readonly string[] }>();
  const find = (name: string): BakeTarget => {
    const target = byName.get(name);
    if (target !== undefined) return target;
    const meant = suggest(name, [...byName.keys()]);
    throw fault(
      'TARGET_NOT_FOUND',
      `there is no target ${name}`,
      meant === undefined ? {} : { hint: `Did you mean ${meant}?` },
    );
  };
  for (const name of names) {
    const expanded = expandGroup(name, groups);
    for (const target of expanded.targets) printed.set(target, printTarget(find(target)));
    for (const group of expanded.groups) {
      const known = groups.find((one) => one.name === group);
      if (known !== undefined)
        shown.set(group, {
          ...(known.description && { description: known.description }),
          targets: known.targets,
        });
    }
  }
  const own = shown.get('default');
  const direct = names.filter((name) => !(name === 'default' && own !== undefined));
  shown.set('default', { ...own, targets: [...new Set([...(own?.targets ?? []), ...direct])].sort() });
  addLinked(printed, find);
  return { group: sorted(shown), target: sorted(printed) };
}

/** Targets that contexts name are printed, too; what they make stays in the cache. */
function addLinked(printed: Map<string, unknown>, find: (name: string) => BakeTarget): void {
  const open = [...printed.keys()];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const contexts = find(name).values.get('contexts');
    if (!(contexts instanceof Map)) continue;
    for (const value of (contexts as Map<string, string>).values()) {
      const linked = value.startsWith('target:') ? value.slice('target:'.length) : undefined;
      if (linked === undefined || printed.has(linked)) continue;
      const target = find(linked);
      printed.set(
        linked,
        printTarget({ ...target, values: new Map(target.values).set('output', [{ type: 'cacheonly' }]) }),
      );
      open.push(linked);
    }
  }
}

export function selectNames(wanted: readonly string[], known: readonly string[]): string[] {
  const names = wanted.flatMap((name) => {
    if (!/[*?[\]]/.test(name)) return [name.replaceAll('.', '_')];
    const matches = compileGlob(name);
    const found = known.filter((one) => matches(one));
    if (found.length === 0) throw fault('TARGET_NOT_FOUND', `no target has a name like ${name}`);
    return found;
  });
  return [...new Set(names)];
}

const escaped: ReadonlySet<string> = new Set([
  'annotations',
  'dockerfile-inline',
  'labels',
  'args',
  'extra-hosts',
]);

function printTarget({ values }: BakeTarget): unknown {
  const withDefaults = new Map(values);
  if (!withDefaults.has('context')) withDefaults.set('context', '.');
  if ((withDefaults.get('dockerfile') ?? '') === '') withDefaults.set('dockerfile', 'Dockerfile');
  const printed: Record<string, unknown> = {};
  for (const name of Object.keys(attributeKinds) as AttributeName[]) {
    const value = withDefaults.get(name);
    if (value === undefined || isEmpty(value)) continue;
    printed[name] = printValue(name, value);
  }
  return printed;
}

function isEmpty(value: AttributeValue): boolean {
  return (value instanceof Map && value.size === 0) || (Array.isArray(value) && value.length === 0);
}

function printValue(name: AttributeName, value: AttributeValue): unknown {
  // what is printed can be read again
  const escape = (text: string): string =>
    escaped.has(name) ? text.replaceAll('${', () => '$${').replaceAll('%{', () => '%%{') : text;
  if (typeof value === 'string') return escape(value);
  if (typeof value === 'boolean') return value;
  if (value instanceof Map)
    return sorted(new Map([...(value as Map<string, string>)].map(([key, text]) => [key, escape(text)])));
  if (kindOf(name).shape !== 'fields') return (value as readonly string[]).map(escape);
  return (value as readonly Fields[]).map((one) =>
    name === 'ssh' ? { id: one.id, ...(one.paths !== undefined && { paths: one.paths.split(',') }) } : one,
  );
}

function sorted(map: ReadonlyMap<string, unknown>): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
