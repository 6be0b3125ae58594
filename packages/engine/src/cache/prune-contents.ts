import type { Digest } from '@onebuild/core';
import type { CacheLimits } from './cache-place.ts';
import { blobsOf, type CacheContents, type CacheRecord, recordKey } from './cache-record.ts';
import { documentLimits } from './cache-document.ts';
import { createRoom } from './prune-room.ts';

export interface PruneOptions extends CacheLimits {
  /** Days since the Unix epoch. */
  readonly today: number;
}

/** What stays or goes as one: a result with what is known of its layer, a mount, a base's listing. */
interface Unit {
  readonly used: number;
  readonly name: string;
  readonly record: CacheRecord;
  readonly layer: Digest | undefined;
}

/**
 * What of a cache stays within the limits, and within those of a manifest and of a document. What was used last stays; a unit that
 * has no room goes even where others that were used before it have. What is known of a layer goes with the last result that names it.
 */
export function pruneContents(contents: CacheContents, options: PruneOptions): CacheContents {
  const { today, maxAgeDays = Number.POSITIVE_INFINITY } = options;
  const room = createRoom(contents.blobs, {
    blobBytes: options.maxSize ?? Number.POSITIVE_INFINITY,
    descriptorBytes: 3.5 * 1024 * 1024,
    documentBytes: documentLimits.bytes - 4 * 1024 * 1024,
    records: documentLimits.records,
  });
  const units = unitsOf(contents.records, today).filter(({ used }) => today - used <= maxAgeDays);
  units.sort((one, other) => other.used - one.used || (one.name < other.name ? -1 : 1));
  const ofLayers = layerRecords(contents.records);
  const layers = new Map<Digest, boolean>();
  for (const { record, layer } of units) {
    if (layer === undefined) room.take([record]);
    // each layer is looked at once, however many results name it
    else if (!layers.has(layer)) layers.set(layer, room.take([record, ...(ofLayers.get(layer) ?? [])]));
    else if (layers.get(layer)) room.take([record]);
  }
  const records = contents.records.filter((record) => room.has(record));
  const blobs = new Set<Digest>(records.flatMap(blobsOf));
  return {
    records,
    blobs: new Map([...contents.blobs].filter(([digest]) => blobs.has(digest))),
    accounts: contents.accounts,
  };
}

function unitsOf(records: readonly CacheRecord[], today: number): Unit[] {
  const named = new Set(records.flatMap((record) => ('layer' in record ? [record.layer] : [])));
  return records.flatMap((record): Unit[] => {
    const layer = 'layer' in record && record.layer !== '' ? record.layer : undefined;
    const isBase = record.kind === 'listing' && !named.has(record.key);
    if (record.kind !== 'mount' && !('layer' in record) && !isBase) return [];
    // a clock that is ahead keeps nothing longer
    return [{ used: Math.min(record.used, today + 1), name: recordKey(record), record, layer }];
  });
}

/** What is known of layers, by their ids. */
function layerRecords(records: readonly CacheRecord[]): ReadonlyMap<Digest, readonly CacheRecord[]> {
  return Map.groupBy(
    records.filter((record) => record.kind === 'listing' || record.kind === 'blob'),
    ({ key }) => key,
  );
}
