import { fault } from '@onebuild/core';
import { readFields, writeFields } from '../bake/read-fields.ts';
import type { ProjectRegistry, Target } from '../model.ts';
import type { YamlText } from '../yaml/read-yaml.ts';
import { type Expander, listEntries, placeAt } from './expander.ts';
import { type Layer, pick } from './layers.ts';
import { resolveImageName } from './registries.ts';
import type { CacheSection } from './schema.ts';

/** What a target's caches depend on. */
export interface CacheInput {
  readonly yaml: YamlText;
  readonly layers: readonly Layer[];
  readonly expander: Expander;
  readonly registries: readonly ProjectRegistry[];
  /** The first image of the component's variants: the cache that is called `registry` lies beside it, and is one for all of them. */
  readonly image: string | undefined;
}

type Caches = Pick<Target, 'cacheFrom' | 'cacheTo'>;

type CacheFields = Readonly<Record<string, string | undefined>>;

/** `cache:` as flags. What is written is read, too, unless `from` says something else. */
export function resolveCache(input: CacheInput): Caches {
  const written = pick(input.layers, 'cache');
  if (written === undefined) return { cacheFrom: [], cacheTo: [] };
  const { value, path } = written;
  const read = (key: 'from' | 'to'): readonly CacheFields[] =>
    listEntries(input.yaml, { value: value[key] ?? [], path: [...path, key] }).map((entry) =>
      placeAt(input.yaml, entry.path, () => readCache(input, input.expander.text(entry), key)),
    );
  const text = (key: TextKey): string | undefined => {
    const found = value[key];
    return found === undefined ? undefined : input.expander.text({ value: found, path: [...path, key] });
  };
  const verify =
    value.verify && input.expander.list({ value: value.verify, path: [...path, 'verify'] }).join(':');
  const to = read('to').map((fields) => ({
    mode: text('mode') ?? 'max',
    mounts: value.mounts?.toString(),
    'mounts-size': text('mounts-size'),
    'max-size': text('max-size'),
    'max-age': text('max-age'),
    sign: text('sign'),
    ...fields,
  }));
  const from = value.from === undefined ? to.map(asSource) : read('from');
  const cacheFrom = from.map((fields) => ({
    mounts: value.mounts === false ? 'false' : undefined,
    verify,
    ...fields,
  }));
  return { cacheFrom: cacheFrom.map(writeFlag), cacheTo: to.map(writeFlag) };
}

/** Entries that are one text, and are called as the fields of the flag are. */
type TextKey = Extract<keyof CacheSection, 'mode' | 'mounts-size' | 'max-size' | 'max-age' | 'sign'>;

function readCache({ image, registries }: CacheInput, text: string, key: 'from' | 'to'): CacheFields {
  if (text === 'registry') return { type: 'registry', ref: besideImage(image) };
  if (/^[./]/.test(text)) return { type: 'local', [key === 'to' ? 'dest' : 'src']: text };
  const fields = readFields(text, 'cache') ?? {};
  const { type, ref } = fields;
  if (type !== 'registry') return fields;
  return { ...fields, ref: ref === undefined ? besideImage(image) : resolveImageName(ref, registries) };
}

function besideImage(image: string | undefined): string {
  if (image !== undefined) return `${image.replace(/:[^/:]*$/, '')}:onebuild-cache`;
  throw fault('PROJECT_INVALID', 'a cache in the registry needs an image beside which it lies', {
    hint: 'Name the cache itself, or write `images:`.',
  });
}

/** Where something is written, as a place to read from. */
function asSource({ type, ref, dest, tag }: CacheFields): CacheFields {
  return { type, ref, src: dest, tag };
}

/** Where it lies first, then how it is used. */
function writeFlag(fields: CacheFields): string {
  const { type, ref, src, dest, tag, ...rest } = fields;
  const given = Object.entries({ type, ref, src, dest, tag, ...rest }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return writeFields(Object.fromEntries(given));
}
