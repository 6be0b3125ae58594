import type { CacheMountReport, CacheReport } from '@onebuild/core';
import type { CacheAccount } from './cache-record.ts';

/** What a build pays for its caches, while it does. */
export interface CacheCosts {
  fetchMs: number;
  restoreMs: number;
  exportMs: number;
  fetchedBytes: number;
  sentBytes: number;
  /** Milliseconds that steps took when they ran, for those that were taken from a cache, by name. */
  readonly saved: { readonly step: string; readonly ms: number }[];
  readonly mounts: CacheMountReport[];
}

export function createCacheCosts(): CacheCosts {
  return { fetchMs: 0, restoreMs: 0, exportMs: 0, fetchedBytes: 0, sentBytes: 0, saved: [], mounts: [] };
}

/** Adds the time that `work` takes. */
export async function timed<T>(
  costs: CacheCosts,
  what: 'fetchMs' | 'restoreMs' | 'exportMs',
  work: () => Promise<T>,
): Promise<T> {
  const started = process.hrtime.bigint();
  try {
    return await work();
  } finally {
    costs[what] += Number((process.hrtime.bigint() - started) / 1_000_000n);
  }
}

/** Counts the bytes of a stream as fetched. */
export async function* counted(
  costs: CacheCosts,
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    costs.fetchedBytes += chunk.byteLength;
    yield chunk;
  }
}

/** @param at - seconds since the Unix epoch */
export function accountOf(costs: CacheCosts, at: number): CacheAccount {
  const { saved, mounts: _, ...sums } = costs;
  return { at, hits: saved.length, savedMs: savedMs(costs), ...sums };
}

export function cacheReport(costs: CacheCosts): CacheReport {
  const { saved, ...rest } = costs;
  return {
    steps: saved.map(({ step, ms }) => ({ step, savedMs: ms })),
    savedMs: savedMs(costs),
    ...rest,
  };
}

function savedMs({ saved }: CacheCosts): number {
  return saved.reduce((sum, { ms }) => sum + ms, 0);
}
