import type { CacheContents, CacheRecord } from '../cache/cache-record.ts';
import { pruneContents } from '../cache/prune-contents.ts';

/**
 * The contents without entries that are not whole, without those about a layer of which a part went, and without what nothing leads to any more.
 * @param today - days since the Unix epoch
 */
export function removeDamaged(
  contents: CacheContents,
  isWhole: (record: CacheRecord) => boolean,
  today: number,
): CacheContents {
  const whole = contents.records.filter(isWhole);
  const left = new Set(whole.map(layerPart));
  const lost = new Set<string>(
    contents.records
      .filter((record) => !isWhole(record) && !left.has(layerPart(record)))
      .map(({ key }) => key),
  );
  const records = whole.filter((record) => !lost.has('layer' in record ? record.layer : record.key));
  return pruneContents({ ...contents, records }, { today });
}

/** A layer in several forms has one left where one of them is whole. */
function layerPart({ kind, key }: CacheRecord): string {
  return `${kind} ${key}`;
}
