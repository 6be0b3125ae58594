import { suggest } from '@onebuild/core';
import * as v from 'valibot';
import type { YamlText } from '../yaml/read-yaml.ts';
import { type ProjectFile, projectFileSchema } from './schema.ts';

/**
 * The document, when it has the form of `onebuild.yaml`.
 * @throws PROJECT_INVALID at the first place that hasn't
 */
export function checkStructure(yaml: YamlText): ProjectFile {
  const value = withoutExtensions(yaml.value ?? {});
  const list = findList(value, projectFileSchema, []);
  if (list !== undefined) {
    const name = list.length === 0 ? 'the file' : list.join('.');
    throw yaml.fault(list, {
      message: `${name} must be a map, and is a list`,
      hint: 'Write `name: value`, without `-`.',
    });
  }
  const result = v.safeParse(projectFileSchema, value);
  if (result.success) return result.output;
  const issue = result.issues.find(isUnknownKey) ?? result.issues[0];
  throw yaml.fault(pathOf(issue), describe(issue));
}

/** `x-...` at the top is for anchors and other programs. */
function withoutExtensions(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')));
}

/** The path of a list that stands where the schema has a map: Valibot takes lists for objects. */
function findList(
  value: unknown,
  schema: v.GenericSchema | undefined,
  path: readonly (string | number)[],
): readonly (string | number)[] | undefined {
  const found = unwrap(schema);
  if (typeof value !== 'object' || value === null) return undefined;
  if (found?.type !== 'strict_object' && found?.type !== 'record') return undefined;
  if (Array.isArray(value)) return path;
  for (const [key, entry] of Object.entries(value)) {
    const list = findList(entry, inner(found, key), [...path, key]);
    if (list !== undefined) return list;
  }
  return undefined;
}

type Issue = v.BaseIssue<unknown>;

/** A misspelled key explains more than one that is missing because of it. */
function isUnknownKey(issue: Issue): boolean {
  return issue.type === 'strict_object' && issue.expected === 'never';
}

function pathOf(issue: Issue): (string | number)[] {
  return (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
}

function describe(issue: Issue): { message: string; hint?: string; at?: 'key' } {
  const path = pathOf(issue);
  const last = issue.path?.at(-1);
  if (issue.type !== 'strict_object' || last?.origin !== 'key') {
    const name = path.length === 0 ? 'the file' : path.join('.');
    return { message: `${name} ${issue.message}, and is ${describeValue(issue.input)}` };
  }
  const key = String(last.key);
  const place = path.length === 1 ? 'the file' : path.slice(0, -1).join('.');
  if (issue.expected !== 'never') return { message: `${place} has no ${key}`, hint: `Write \`${key}:\`.` };
  const names = keysAt(path.slice(0, -1));
  const meant = suggest(key, names);
  return {
    message: `there is no setting ${JSON.stringify(key)}${path.length === 1 ? '' : ` in ${place}`}${meant === undefined ? '' : `, did you mean ${meant}?`}`,
    hint: meant === undefined ? `Settings here are ${names.join(', ')}.` : `Write ${meant}.`,
    at: 'key',
  };
}

function describeValue(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return JSON.stringify(value).slice(0, 100);
}

/** Names of the settings that the map at a path can have. */
function keysAt(path: readonly (string | number)[]): readonly string[] {
  let schema: v.GenericSchema | undefined = projectFileSchema;
  for (const step of path) schema = inner(unwrap(schema), step);
  const found = unwrap(schema);
  return found?.type === 'strict_object' ? Object.keys(entriesOf(found)) : [];
}

function inner(schema: v.GenericSchema | undefined, step: string | number): v.GenericSchema | undefined {
  if (schema?.type === 'strict_object') {
    const entries = entriesOf(schema);
    return Object.hasOwn(entries, step) ? entries[step] : undefined;
  }
  return schema?.type === 'record' ? (schema as unknown as { value: v.GenericSchema }).value : undefined;
}

function entriesOf(schema: v.GenericSchema): Readonly<Record<string, v.GenericSchema>> {
  return (schema as unknown as { entries: Readonly<Record<string, v.GenericSchema>> }).entries;
}

/** What is in `optional` and `nullable`. */
function unwrap(schema: v.GenericSchema | undefined): v.GenericSchema | undefined {
  let found = schema;
  while (found !== undefined && 'wrapped' in found) found = found.wrapped as v.GenericSchema;
  return found;
}
