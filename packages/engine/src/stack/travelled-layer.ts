import { type Digest, fault } from '@onebuild/core';
import { indexDigest, type LayerIndex } from '@onebuild/oci';
import { once } from '../graph/once.ts';
import { leadHardlinks } from '../layer/lead-hardlinks.ts';
import { type FetchBaseOptions, unpackBase } from './fetch-base.ts';
import type { BaseBlob, Layer } from './layer.ts';
import { loadedLayer } from './loaded-layer.ts';
import type { PoolFolders } from './pool-folders.ts';
import { publishFolder, publishIndex, readIndex } from './publish-folder.ts';

/** A layer that another machine made and left in a cache. */
export interface RemoteLayer {
  readonly id: Digest;
  /** As images hold it. */
  readonly blob: BaseBlob;
  /** @throws CACHE_DAMAGED, ... */
  listing(): Promise<LayerIndex>;
  /** Does what needs the blob. @throws CACHE_DAMAGED for whatever is wrong with it */
  unpack<T>(work: () => Promise<T>): Promise<T>;
}

export type TravelOptions = FetchBaseOptions & { readonly folders: PoolFolders };

/** Its listing is fetched when somebody needs to know its files, its blob when somebody needs them on disk. */
export function travelledLayer(remote: RemoteLayer, options: TravelOptions): Layer {
  const { store, folders } = options;
  const { id } = remote;
  const listing = once(async (): Promise<LayerIndex> => {
    const known = await readIndex(store, id);
    if (known !== undefined) return known;
    const index = await remote.listing();
    await publishIndex(store, id, index);
    return index;
  });
  const directory = once(async () => {
    const there = folders.listed(id);
    if (there !== undefined) return there;
    const index = await listing();
    const folder = await folders.temp();
    await remote.unpack(() => unpackTravelled(remote.blob, { index, folder }, options));
    return publishFolder(store, { id, index }, folder);
  });
  const load = once(async () => loadedLayer(id, await listing(), { folder: directory }));
  return { id, load, directory };
}

/** The blob has the times that images have; inside a build files have those of the listing. */
async function unpackTravelled(
  blob: BaseBlob,
  { index, folder }: { readonly index: LayerIndex; readonly folder: string },
  options: FetchBaseOptions,
): Promise<void> {
  const wanted = leadHardlinks(index);
  // that a folder is opaque stands beside the folder, and has no time
  const timed = wanted.entries.filter(({ type }) => type !== 'opaque');
  const times = new Map(timed.map(({ path, mtime }) => [path, mtime]));
  const found = await unpackBase(blob, folder, { ...options, mtimeOf: (path) => times.get(path) });
  if (indexDigest(found) !== indexDigest(wanted))
    throw fault('CACHE_DAMAGED', `layer ${blob.descriptor.digest} has other files than its listing says`);
}
