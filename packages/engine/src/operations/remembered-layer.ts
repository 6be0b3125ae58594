import type { Digest } from '@onebuild/core';
import type { Node } from '../graph/node.ts';
import type { Layer, Snapshot } from '../stack/layer.ts';
import { toldBy } from '../stack/told-by.ts';
import type { OperationServices } from './operation-services.ts';

export interface WorkedOut {
  /** undefined: nothing changed. */
  readonly layer: Layer | undefined;
  /** Whether the same key may give this without doing the work: false where there was something to be told. */
  readonly mayRemember: boolean;
}

const kind = 'layer-of';

export interface RememberedJob {
  readonly node: Node<unknown>;
  /** undefined: it is always worked out. */
  readonly key: string | undefined;
  /** Whether its files come out of other steps, which a cache may spare to have. */
  readonly fromSteps: boolean;
  /** What it looks at. */
  readonly sees: readonly Snapshot[];
  readonly work: () => Promise<WorkedOut>;
}

export interface RememberedLayer {
  /** undefined: nothing changed. */
  readonly layer: Layer | undefined;
  /** Name of the cache that knew it. */
  readonly from?: string;
}

/**
 * The layer that an operation with this content key made before, here or where a cache was written, known by its name only until somebody
 * asks for its files; else works it out.
 */
export async function rememberedLayer(
  services: OperationServices,
  job: RememberedJob,
): Promise<RememberedLayer> {
  const made = await findOrWork(services, job);
  const { layer, from = toldBy(job.sees) } = made;
  if (job.key !== undefined && made.mayRemember)
    services.trail?.note(job.node, { kind: 'copy', key: job.key, layer, from });
  return made;
}

async function findOrWork(
  { store, pool, remote }: OperationServices,
  { key, fromSteps, sees, work }: RememberedJob,
): Promise<RememberedLayer & { readonly mayRemember: boolean }> {
  const local = key === undefined ? undefined : store.db.fact(kind, key);
  const found = key === undefined || local !== undefined ? undefined : await remote?.resultId('copy', key);
  const known = local ?? found?.id;
  const told = { mayRemember: true, ...(found && { from: found.from }) };
  if (known === '') return { ...told, layer: undefined };
  if (known !== undefined) {
    const id = known as Digest;
    const make = async (): Promise<Layer | undefined> => {
      const there = fromSteps ? ((await pool.stored(id)) ?? (await remote?.layer(id))) : undefined;
      if (there !== undefined) return 'blob' in there ? pool.travelled(there) : there;
      const { layer } = await work();
      if (found !== undefined && layer?.id !== id)
        throw remote?.blame(found.from, `${id} is another layer's`);
      return layer;
    };
    return { ...told, layer: pool.later(id, make) };
  }
  const { layer, mayRemember } = await work();
  // the store outlives the trust in a cache
  const keeps = mayRemember && toldBy(sees) === undefined;
  if (key !== undefined && keeps) store.db.setFact(kind, key, layer?.id ?? '');
  return { layer, mayRemember };
}

/** Whether the layer of this content key was made before. */
export async function isRemembered({ store, remote }: OperationServices, key: string): Promise<boolean> {
  return store.db.fact(kind, key) !== undefined || (await remote?.resultId('copy', key)) !== undefined;
}
