import type { YamlPath } from '../yaml/read-yaml.ts';
import type { ComponentSection } from './schema.ts';

/** One of the maps that a target's settings come from, and where it stands. */
export interface Layer {
  readonly settings: Partial<ComponentSection>;
  readonly path: YamlPath;
}

/** A value, and where it was written. */
export interface Written<T> {
  readonly value: T;
  readonly path: YamlPath;
}

type MapKey = 'args' | 'labels' | 'annotations' | 'contexts' | 'bind' | 'template' | 'extra-hosts';

/** What the innermost layer says. `layers` go from the outermost to the innermost. */
export function pick<K extends keyof ComponentSection>(
  layers: readonly Layer[],
  key: K,
): Written<NonNullable<ComponentSection[K]>> | undefined {
  const layer = layers.findLast(({ settings }) => settings[key] !== undefined);
  const value: ComponentSection[K] | undefined = layer?.settings[key];
  if (layer === undefined || value === undefined || value === null) return undefined;
  return { value, path: [...layer.path, key] };
}

/** What all layers say together; of one name the innermost. */
export function gather(layers: readonly Layer[], key: MapKey): ReadonlyMap<string, Written<string | null>> {
  const found = new Map<string, Written<string | null>>();
  for (const { settings, path } of layers) {
    for (const [name, value] of Object.entries(settings[key] ?? {})) {
      found.set(name, { value, path: [...path, key, name] });
    }
  }
  return found;
}
