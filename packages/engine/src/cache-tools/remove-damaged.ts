import type { Digest } from '@onebuild/core';
import { blobsOf, type CacheContents, type CacheRecord } from '../cache/cache-record.ts';

/** The contents without entries that need one of the blobs, and without results whose layer went with them. */
export function removeDamaged(contents: CacheContents, damaged: ReadonlySet<Digest>): CacheContents {
  const isWhole = (record: CacheRecord): boolean => !blobsOf(record).some((digest) => damaged.has(digest));
  const whole = contents.records.filter(isWhole);
  const left = new Set(whole.map(layerPart));
  const lost = new Set<string>(
    contents.records
      .filter((record) => !isWhole(record) && !left.has(layerPart(record)))
      .map(({ key }) => key),
  );
  const records = whole.filter((record) => !('layer' in record) || !lost.has(record.layer));
  const needed = new Set(records.flatMap(blobsOf));
  return {
    records,
    blobs: new Map([...contents.blobs].filter(([digest]) => needed.has(digest))),
    accounts: contents.accounts,
  };
}

/** A layer in several forms has one left where one of them is whole. */
function layerPart({ kind, key }: CacheRecord): string {
  return `${kind} ${key}`;
}
