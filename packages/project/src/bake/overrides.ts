import { fault, suggest } from '@onebuild/core';
import { compileGlob } from '@onebuild/dockerfile';
import {
  type AttributeName,
  type AttributeValue,
  attributeKinds,
  type BakeTarget,
  type Fields,
  isAttributeName,
  kindOf,
} from './bake-target.ts';
import { readFields } from './read-fields.ts';

/** One `--set`: which targets, what, and whether it comes in addition (`+=`). */
export interface Override {
  readonly text: string;
  readonly pattern: string;
  readonly key: string;
  /** The name of the argument, label, context or host. */
  readonly member: string | undefined;
  readonly value: string;
  readonly appends: boolean;
}

/** Names of `--set` that are not those of the file. */
const names: Readonly<Record<string, AttributeName>> = { platform: 'platforms', secrets: 'secret' };

/**
 * Reads `target.key=value`, `*.args.NAME=value`, `app.tags+=value`; `*.args.NAME` alone takes the value from the environment.
 * @throws USAGE
 */
export function parseOverride(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): Override | undefined {
  const equals = text.indexOf('=');
  const left = equals === -1 ? text : text.slice(0, equals);
  const appends = left.endsWith('+');
  const [pattern = '', key, ...rest] = (appends ? left.slice(0, -1) : left).split('.');
  if (key === undefined || pattern === '') throw usage(text, 'it is written as target.key=value');
  const member = rest.length > 0 ? rest.join('.') : undefined;
  if (equals === -1 && key !== 'args') throw usage(text, 'it is written as target.key=value');
  const value = equals === -1 ? env[member ?? ''] : text.slice(equals + 1);
  return value === undefined ? undefined : { text, pattern, key, member, value, appends };
}

/** The target with all overrides that mean it. Several of one list make one list together. */
export function applyOverrides(target: BakeTarget, overrides: readonly Override[]): BakeTarget {
  const values = new Map(target.values);
  const started = new Set<string>();
  for (const override of overrides) {
    if (!matches(override, target.name)) continue;
    apply(values, override, started);
  }
  return { ...target, values };
}

/** @throws USAGE for one that means no target */
export function checkOverrides(overrides: readonly Override[], targets: readonly BakeTarget[]): void {
  for (const override of overrides) {
    if (!targets.some(({ name }) => matches(override, name))) {
      throw usage(override.text, `there is no target ${override.pattern}`);
    }
  }
}

function matches({ pattern }: Override, name: string): boolean {
  if (!/[*?[\\]/.test(pattern)) return pattern === name;
  return compileGlob(pattern)(name);
}

function apply(values: Map<AttributeName, AttributeValue>, override: Override, started: Set<string>): void {
  const { key, value, text } = override;
  if (key === 'push' || key === 'load') return setOutput(values, override);
  const name = Object.hasOwn(names, key) ? names[key] : key;
  if (name === undefined || !isAttributeName(name)) {
    const meant = suggest(key, [...Object.keys(attributeKinds), 'push', 'load', 'platform', 'secrets']);
    throw usage(text, `${key} is not known`, meant && `Did you mean ${meant}?`);
  }
  const kind = kindOf(name);
  if (kind.shape === 'map') {
    if (override.member === undefined) throw usage(text, `it is written as target.${key}.NAME=value`);
    const earlier = values.get(name);
    const map = new Map(earlier instanceof Map ? (earlier as Map<string, string | null>) : []);
    values.set(name, map.set(override.member, value));
    return;
  }
  if (kind.shape === 'text') values.set(name, value);
  else if (kind.shape === 'flag') values.set(name, readFlag(override));
  else {
    const keeps =
      started.has(name) || override.appends || ['annotations', 'attest', 'entitlements'].includes(name);
    const fields = kind.shape === 'fields' ? readFields(value, kind.fields) : undefined;
    const item = kind.shape === 'texts' ? [value] : fields === undefined ? [] : [fields];
    const earlier = keeps ? values.get(name) : undefined;
    const list = [...(Array.isArray(earlier) ? (earlier as string[]) : []), ...(item as string[])];
    values.set(name, list);
    started.add(name);
  }
}

/** `push` and `load` change the outputs that are there. */
function setOutput(values: Map<AttributeName, AttributeValue>, override: Override): void {
  const wanted = readFlag(override);
  const outputs = (values.get('output') ?? []) as readonly Fields[];
  if (override.key === 'load') {
    // files that are asked for stay all there is
    const hasOthers = outputs.some(({ type = '', dest }) =>
      type === 'docker' ? dest === undefined : !['image', 'registry', 'oci'].includes(type),
    );
    if (wanted && !hasOthers) values.set('output', [...outputs, { type: 'docker' }]);
    return;
  }
  const isImage = ({ type }: Fields): boolean => type === 'image' || type === 'registry';
  if (!wanted) {
    const kept = outputs.filter(({ type }) => type !== 'registry');
    values.set(
      'output',
      kept.map((one) => (isImage(one) ? { ...one, push: 'false' } : one)),
    );
    return;
  }
  const pushed = outputs.map((one) => (isImage(one) ? { ...one, type: 'image', push: 'true' } : one));
  values.set('output', outputs.some(isImage) ? pushed : [...outputs, { type: 'image', push: 'true' }]);
}

function readFlag({ value, text, key }: Override): boolean {
  if (/^(1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw usage(text, `${key} is true or false`);
}

function usage(text: string, why: string, hint?: string): Error {
  return fault('USAGE', `--set ${text}: ${why}`, hint === undefined ? {} : { hint });
}
