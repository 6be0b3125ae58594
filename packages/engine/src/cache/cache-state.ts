import type { CacheContents } from './cache-record.ts';

/** What one document of a cache says. */
export interface CacheState {
  readonly contents: CacheContents;
  /** Ids of the segments whose records are in it, and since when: seconds since the Unix epoch. */
  readonly merged: ReadonlyMap<string, number>;
}

export const emptyContents: CacheContents = Object.freeze({ records: [], blobs: new Map(), accounts: [] });
