import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Digest } from '@onebuild/core';
import { decodeLayerIndex, digestHex } from '@onebuild/oci';
import { removeTree } from '../snapshot/remove-tree.ts';
import { hashFiles } from '../source/hash-files.ts';
import { itemPath } from './item-path.ts';
import { removeItem } from './remove-item.ts';
import { openStore, type Store } from './store.ts';

export interface Verified {
  readonly checked: number;
  /** What was wrong; it has been removed, the next build makes it again. */
  readonly damaged: readonly { readonly kind: string; readonly id: string; readonly why: string }[];
}

/**
 * Reads everything again: blobs against their digests, unpacked layers against their listings. What is damaged leaves the store; files
 * that nobody accounts for (a crash between rename and account) are taken into it or removed.
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
      checked++;
      const why = await faultOf(store, item);
      if (why === undefined) continue;
      damaged.push({ kind: item.kind, id: item.id, why });
      await removeItem(store, { ...item, used: Number.MAX_SAFE_INTEGER });
    }
    damaged.push(...(await removeStrays(store, options.clock())));
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

/** A running build puts a thing in place a moment before it accounts for it. */
async function isYoung(path: string, now: number): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found === undefined || found.ctimeMs > now - 600_000;
}

/** Folders and files in the store's rooms that no account names. */
async function removeStrays(store: Store, now: number): Promise<{ kind: string; id: string; why: string }[]> {
  const known = new Set(store.db.items().map((item) => itemPath(store, item)));
  const strays: { kind: string; id: string; why: string }[] = [];
  for (const [kind, room] of [
    ['blob', join(store.home, 'blobs', 'sha256')],
    ['layer', store.layersDir],
    ['index', store.indexDir],
    ['mount', store.mountsDir],
  ] as const) {
    for (const name of await readdir(room)) {
      const path = join(room, name);
      if (known.has(path) || (await isYoung(path, now))) continue;
      strays.push({ kind, id: name, why: 'no account names it' });
      await removeTree(path);
    }
  }
  return strays;
}
