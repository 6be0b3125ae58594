import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@onebuild/core';
import * as v from 'valibot';
import type { CachePlace } from '../cache/cache-place.ts';
import type { CacheAccount } from '../cache/cache-record.ts';
import { CacheDb } from '../store/cache-db.ts';
import { adviseOnCache, fewestBuilds } from './advise-on-cache.ts';

/** What a cache cost and brought over several builds. Milliseconds and bytes. */
export interface CacheTotals extends Omit<CacheAccount, 'at'> {
  readonly builds: number;
  /** Fetching, restoring and exporting together. */
  readonly costMs: number;
  /** What it saved, without what it cost. */
  readonly netMs: number;
}

export interface CacheStats {
  readonly name: string;
  readonly totals: CacheTotals;
  /** Oldest first. */
  readonly accounts: readonly CacheAccount[];
  /** There are enough builds to say whether it pays: the first ones only fill it. */
  readonly isTelling: boolean;
  /** In words, where it costs more than it brings. */
  readonly advice?: string;
}

/**
 * The accounts that a cache keeps of the builds that wrote to it. Undefined: there is no cache.
 * @throws CACHE_DAMAGED, REGISTRY_*, FILE_ACCESS, CANCELED
 */
export async function cacheStats(
  place: CachePlace,
  { signal }: { readonly signal: AbortSignal },
): Promise<CacheStats | undefined> {
  const contents = await place.read(signal);
  return contents && summarize(place.name, contents.accounts);
}

const count = v.pipe(v.number(), v.minValue(0));
const localAccount = v.object({
  /** The cache's name; without one it is all that the build used. */
  ref: v.optional(v.string(), 'this machine'),
  at: count,
  hits: count,
  savedMs: count,
  fetchMs: count,
  restoreMs: count,
  exportMs: count,
  fetchedBytes: count,
  sentBytes: count,
});

/** Facts of the store: key is the time, value an account. */
const localAccountKind = 'cache-account';

/** The accounts that this machine keeps of its builds, by cache; that of the last build last. Reads only, and makes no store. */
export async function localCacheStats(options: {
  readonly home: string;
  readonly clock: Clock;
}): Promise<readonly CacheStats[]> {
  const path = join(options.home, 'cache.db');
  if (!existsSync(path)) return [];
  const db = new CacheDb(path, options.clock);
  try {
    const accounts = db.facts(localAccountKind).flatMap(({ value }) => {
      const read = v.safeParse(v.pipe(v.string(), v.parseJson(), localAccount), value);
      return read.success ? [read.output] : [];
    });
    return [...Map.groupBy(accounts, ({ ref }) => ref)].map(([ref, own]) =>
      summarize(
        ref,
        own.map(({ ref: _ref, ...account }) => account),
      ),
    );
  } finally {
    db.close();
  }
}

function summarize(name: string, accounts: readonly CacheAccount[]): CacheStats {
  const sum = (key: keyof CacheAccount): number =>
    accounts.reduce((total, account) => total + account[key], 0);
  const [savedMs, fetchMs, restoreMs, exportMs] = [
    sum('savedMs'),
    sum('fetchMs'),
    sum('restoreMs'),
    sum('exportMs'),
  ];
  const costMs = fetchMs + restoreMs + exportMs;
  const totals: CacheTotals = {
    builds: accounts.length,
    hits: sum('hits'),
    savedMs,
    fetchMs,
    restoreMs,
    exportMs,
    costMs,
    netMs: savedMs - costMs,
    fetchedBytes: sum('fetchedBytes'),
    sentBytes: sum('sentBytes'),
  };
  const advice = adviseOnCache(totals);
  return {
    name,
    totals,
    accounts,
    isTelling: accounts.length >= fewestBuilds,
    ...(advice !== undefined && { advice }),
  };
}
