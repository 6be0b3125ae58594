import { encodeLayerIndex, type LayerIndex } from '@onebuild/oci';
import { once } from '../graph/once.ts';
import { type FetchBaseOptions, listBase, unpackBase } from './fetch-base.ts';
import type { BaseBlob, Layer } from './layer.ts';
import { loadedLayer } from './loaded-layer.ts';
import type { PoolFolders } from './pool-folders.ts';
import { publishFolder, publishIndex, readIndex } from './publish-folder.ts';

/** A listing that somebody else made. */
export interface KnownListing {
  readonly index: LayerIndex;
  /** Who says so. */
  readonly from: string;
  /** The fault for one that turned out not to be that of the blob. */
  wrong(): Error;
}

export interface BaseLayerOptions extends FetchBaseOptions {
  readonly folders: PoolFolders;
  /** Whether steps will run on it: who lists it first unpacks it in the same pass. */
  readonly isExpected: () => boolean;
  readonly knownListing: () => Promise<KnownListing | undefined>;
}

/** A layer of a base image; listed and unpacked when somebody needs that, each once. */
export function baseLayer(blob: BaseBlob, options: BaseLayerOptions): Layer {
  const { store, folders, isExpected, knownListing } = options;
  const id = blob.diffId;
  /** Set once the blob is being unpacked, which lists it, too. */
  let unpacking: Promise<LayerIndex> | undefined;
  let unpacked: LayerIndex | undefined;
  /** Taken on trust, and so not kept in the store. */
  let told: KnownListing | undefined;

  async function unpack(): Promise<LayerIndex> {
    const folder = await folders.temp();
    const index = await unpackBase(blob, folder, options);
    await publishIndex(store, id, index);
    await publishFolder(store, { id, index }, folder);
    unpacked = index;
    if (told !== undefined && !isSame(told.index, index)) throw told.wrong();
    return index;
  }

  async function list(): Promise<LayerIndex> {
    if (unpacking === undefined) {
      told = await knownListing();
      if (told !== undefined) return told.index;
      if (isExpected()) unpacking ??= unpack();
    }
    if (unpacking !== undefined) return unpacking;
    const index = await listBase(blob, options);
    await publishIndex(store, id, index);
    return index;
  }

  const directory = once(async () => {
    const there = folders.listed(id);
    if (there !== undefined) return there;
    unpacking ??= unpack();
    await unpacking;
    return folders.at(id);
  });
  const load = once(async () => {
    // a listing that was kept is there before files that are only being unpacked
    const known = unpacked ?? (await readIndex(store, id));
    return loadedLayer(id, known ?? (await list()), { folder: directory });
  });
  const toldBy = () => (unpacked === undefined ? told?.from : undefined);
  return { id, base: blob, toldBy, load, directory };
}

function isSame(one: LayerIndex, other: LayerIndex): boolean {
  return Buffer.compare(encodeLayerIndex(one), encodeLayerIndex(other)) === 0;
}
