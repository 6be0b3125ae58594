import type { Digest } from '@onebuild/core';
import type { Descriptor } from '@onebuild/oci';
import { blobsOf, type CacheRecord } from './cache-record.ts';

/** What there is room for. */
export interface RoomSize {
  /** Of the blobs that records need. */
  readonly blobBytes: number;
  /** Of their descriptors in a manifest. */
  readonly descriptorBytes: number;
  /** Of the records as JSON. */
  readonly documentBytes: number;
  readonly records: number;
}

export interface Room {
  /** Takes records in, all or none; none where a blob of one is not known. What is shared with others counts once. */
  take(records: readonly CacheRecord[]): boolean;
  has(record: CacheRecord): boolean;
}

export function createRoom(blobs: ReadonlyMap<Digest, Descriptor>, size: RoomSize): Room {
  const records = new Set<CacheRecord>();
  const taken = new Set<Digest>();
  const left = { ...size };
  return {
    take(wanted) {
      const news = wanted.filter((record) => !records.has(record));
      const descriptors = [...new Set(news.flatMap(blobsOf))]
        .filter((digest) => !taken.has(digest))
        .map((digest) => blobs.get(digest));
      if (!descriptors.every((descriptor) => descriptor !== undefined)) return false;
      const need: RoomSize = {
        blobBytes: sum(descriptors.map((descriptor) => descriptor.size)),
        descriptorBytes: sum(descriptors.map(jsonBytes)),
        documentBytes: sum(news.map(jsonBytes)),
        records: news.length,
      };
      const names = ['blobBytes', 'descriptorBytes', 'documentBytes', 'records'] as const;
      if (names.some((name) => need[name] > left[name])) return false;
      for (const name of names) left[name] -= need[name];
      for (const record of news) records.add(record);
      for (const { digest } of descriptors) taken.add(digest);
      return true;
    },
    has: (record) => records.has(record),
  };
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value)) + 1;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
