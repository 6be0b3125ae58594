import type { Digest } from '@onebuild/core';
import type { Layer } from '../stack/layer.ts';
import type { OperationServices } from './operation-services.ts';

export interface WorkedOut {
  /** undefined: nothing changed. */
  readonly layer: Layer | undefined;
  /** Whether the same key may give this without doing the work: false where there was something to be told. */
  readonly mayRemember: boolean;
}

const kind = 'layer-of';

/**
 * The layer that an operation with this content key made before, known by its name only until somebody asks for its files; else works it
 * out. Without a key it is always worked out.
 */
export async function rememberedLayer(
  { store, pool }: OperationServices,
  key: string | undefined,
  work: () => Promise<WorkedOut>,
): Promise<Layer | undefined> {
  const known = key === undefined ? undefined : store.db.fact(kind, key);
  if (known === '') return undefined;
  if (known !== undefined) {
    return pool.later(known as Digest, async () => (await work()).layer);
  }
  const { layer, mayRemember } = await work();
  if (key !== undefined && mayRemember) store.db.setFact(kind, key, layer?.id ?? '');
  return layer;
}

/** Whether the layer of this content key was made before. */
export function isRemembered({ store }: OperationServices, key: string): boolean {
  return store.db.fact(kind, key) !== undefined;
}
