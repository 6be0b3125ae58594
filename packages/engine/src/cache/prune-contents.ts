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
  readonly records: readonly CacheRecord[];
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
  for (const { records } of units) room.take(records);
  const records = contents.records.filter((record) => room.has(record));
  const blobs = new Set<Digest>(records.flatMap(blobsOf));
  return {
    records,
    blobs: new Map([...contents.blobs].filter(([digest]) => blobs.has(digest))),
    accounts: contents.accounts,
  };
}

function unitsOf(records: readonly CacheRecord[], today: number): Unit[] {
  const ofLayers = Map.groupBy(
    records.filter((record) => record.kind === 'listing' || record.kind === 'blob'),
    ({ key }) => key,
  );
  const named = new Set(records.flatMap((record) => ('layer' in record ? [record.layer] : [])));
  return records.flatMap((record): Unit[] => {
    const layer = 'layer' in record && record.layer !== '' ? record.layer : undefined;
    const own =
      record.kind === 'mount' || 'layer' in record || (record.kind === 'listing' && !named.has(record.key));
    if (!own) return [];
    const rest = layer === undefined ? [] : (ofLayers.get(layer) ?? []);
    // a clock that is ahead keeps nothing longer
    return [{ used: Math.min(record.used, today + 1), name: recordKey(record), records: [record, ...rest] }];
  });
}
