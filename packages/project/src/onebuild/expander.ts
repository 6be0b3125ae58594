import { withLocation } from '@onebuild/core';
import { interpolate } from '../interpolate/interpolate.ts';
import type { Scope } from '../interpolate/scope.ts';
import type { YamlPath, YamlText } from '../yaml/read-yaml.ts';
import type { Written } from './layers.ts';

/** Interpolates values of one file in one scope; faults have the place of the value. */
export interface Expander {
  text(written: Written<string>): string;
  maybe(written: Written<string> | undefined): string | undefined;
  list(written: Written<readonly string[]> | undefined): readonly string[];
  /** Names without value have the empty one. */
  record(written: ReadonlyMap<string, Written<string | null>>): Readonly<Record<string, string>>;
}

export function createExpander(yaml: YamlText, scope: Scope): Expander {
  const text = ({ value, path }: Written<string>): string =>
    placeAt(yaml, path, () => interpolate(value, scope));
  return {
    text,
    maybe: (written) => written && text(written),
    list: (written) => (written === undefined ? [] : listEntries(yaml, written).map(text)),
    record: (written) =>
      Object.fromEntries(
        [...written].map(([name, { value, path }]) => [name, text({ value: value ?? '', path })]),
      ),
  };
}

/** The entries of a list, each with its place; one text without a list around it is where the list would be. */
export function listEntries(
  yaml: YamlText,
  { value, path }: Written<readonly string[]>,
): readonly Written<string>[] {
  const isList = Array.isArray(valueAt(yaml.value, path));
  return value.map((entry, index) => ({ value: entry, path: isList ? [...path, index] : path }));
}

/** Runs `work`; its faults get the place of `path`. */
export function placeAt<T>(yaml: YamlText, path: YamlPath, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { location } = yaml.fault(path, { message: '' });
    throw location === undefined ? error : withLocation(error, location);
  }
}

function valueAt(value: unknown, path: YamlPath): unknown {
  let found = value;
  for (const step of path) found = (found as Readonly<Record<string | number, unknown>> | undefined)?.[step];
  return found;
}
