import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Digest } from '@onebuild/core';
import { decodeLayerIndex, digestHex } from '@onebuild/oci';
import { hashFiles } from '../source/hash-files.ts';
import { removeItem } from './remove-item.ts';
import { removeStrays } from './remove-strays.ts';
import { openStore, type Store } from './store.ts';

export interface Verified {
  readonly checked: number;
  /** What was wrong; it has been removed, the next build makes it again. */
  readonly damaged: readonly { readonly kind: string; readonly id: string; readonly why: string }[];
}

/**
 * Reads everything again: blobs against their digests, unpacked layers against their listings. What is damaged leaves the store, and so
 * do things that a killed process had begun to remove, or put in place and not accounted for; those are no damage.
 */
export async function verifyStore(options: {
  readonly home: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}): Promise<Verified> {
  const store = await openStore(options.home, options.clock);
  try {
    const damaged: { kind: string; id: string; why: string }[] = [];
    let checked = 0;
    for (const item of store.db.items()) {
      options.signal?.throwIfAborted();
      if (item.used === 0) {
        await removeItem(store, item);
        continue;
      }
      checked++;
      const why = await faultOf(store, item);
      if (why === undefined) continue;
      damaged.push({ kind: item.kind, id: item.id, why });
      await removeItem(store, { ...item, used: Number.MAX_SAFE_INTEGER });
    }
    await removeStrays(store, options.clock());
    store.db.prune(0);
    return { checked, damaged };
  } finally {
    await store.close();
  }
}

async function faultOf(
  store: Store,
  item: { readonly kind: string; readonly id: string },
): Promise<string | undefined> {
  try {
    if (item.kind === 'blob') return await blobFault(store, item.id as Digest);
    if (item.kind === 'index') {
      decodeLayerIndex(await readFile(join(store.indexDir, digestHex(item.id as Digest))));
    }
    if (item.kind === 'layer') return await layerFault(store, item.id as Digest);
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}

async function blobFault(store: Store, digest: Digest): Promise<string | undefined> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(store.blobs.path(digest), { highWaterMark: 1 << 20 }))
    hash.update(chunk as Uint8Array);
  const found = `sha256:${hash.digest('hex')}`;
  return found === digest ? undefined : `its content has the digest ${found}`;
}

async function layerFault(store: Store, id: Digest): Promise<string | undefined> {
  const folder = join(store.layersDir, digestHex(id));
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(store.indexDir, digestHex(id)));
  } catch {
    return 'its listing is gone';
  }
  const files = decodeLayerIndex(bytes).entries.filter((entry) => entry.type === 'file');
  const hashes = await hashFiles(
    files.map((entry) => ({ path: join(folder, entry.path), size: entry.size })),
  );
  const wrong = files.find((entry, at) => {
    const hash = hashes[at];
    return hash === undefined || !('digest' in hash) || hash.digest !== entry.digest;
  });
  return wrong === undefined ? undefined : `${wrong.path} has other content than its listing says`;
}
