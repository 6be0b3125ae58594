import { fault } from '@onebuild/core';
import type { ProjectRegistry, Target } from '../model.ts';
import type { YamlText } from '../yaml/read-yaml.ts';
import { type Expander, listEntries, placeAt } from './expander.ts';
import { type Layer, pick } from './layers.ts';
import { resolveImageName } from './registries.ts';

/** What a target's caches depend on. */
export interface CacheInput {
  readonly yaml: YamlText;
  readonly layers: readonly Layer[];
  readonly expander: Expander;
  readonly registries: readonly ProjectRegistry[];
  readonly tags: readonly string[];
  readonly variant: string | undefined;
}

type Caches = Pick<Target, 'cacheFrom' | 'cacheTo' | 'cacheMounts'>;

/** `cache:` as flags. What is written to a registry is read from there, too. */
export function resolveCache(input: CacheInput): Caches {
  const written = pick(input.layers, 'cache');
  if (written === undefined) return { cacheFrom: [], cacheTo: [] };
  const { from, to, mounts } = written.value;
  const read = (key: 'from' | 'to', value: readonly string[]): readonly string[] =>
    listEntries(input.yaml, { value, path: [...written.path, key] }).map((entry) =>
      placeAt(input.yaml, entry.path, () => cacheFlag(input, input.expander.text(entry), key)),
    );
  const cacheTo = read('to', to ?? []);
  const cacheFrom =
    from === undefined
      ? read('from', to ?? []).filter((flag) => flag.startsWith('type=registry,'))
      : read('from', from);
  return { cacheFrom, cacheTo, ...(mounts !== undefined && { cacheMounts: mounts }) };
}

function cacheFlag({ tags, variant, registries }: CacheInput, text: string, key: 'from' | 'to'): string {
  if (/(?:^|,)type=/.test(text)) return text;
  if (text !== 'registry') return flag(resolveImageName(text, registries), key);
  const [first] = tags;
  if (first === undefined) {
    throw fault('PROJECT_INVALID', 'a cache in the registry needs an image beside which it lies', {
      hint: 'Name the cache itself, or write `images:`.',
    });
  }
  const repository = first.replace(/:[^/:]*$/, '');
  return flag(`${repository}:buildcache${variant === undefined ? '' : `-${variant}`}`, key);
}

function flag(reference: string, key: 'from' | 'to'): string {
  return `type=registry,ref=${reference}${key === 'to' ? ',mode=max' : ''}`;
}
