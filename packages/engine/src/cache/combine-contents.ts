import type { CacheLimits } from './cache-place.ts';
import { type CacheContents, recordKey } from './cache-record.ts';
import { mergeContents } from './merge-contents.ts';
import { pruneContents } from './prune-contents.ts';
import { recordStatement } from './record-statement.ts';

export interface Combined {
  /** All that stays. */
  readonly contents: CacheContents;
  /** What of the added is in it, and says something that was not said before. */
  readonly news: CacheContents;
}

/** What there is with what is added, within limits. `now` in milliseconds. */
export function combineContents(
  there: CacheContents,
  added: CacheContents,
  { limits, now }: { readonly limits: CacheLimits; readonly now: number },
): Combined {
  const contents = pruneContents(mergeContents([there, added]), {
    ...limits,
    today: Math.floor(now / 86_400_000),
  });
  const before = new Map(there.records.map((record) => [recordKey(record), record]));
  const after = new Map(contents.records.map((record) => [recordKey(record), record]));
  const records = added.records.filter((record) => {
    const [old, kept] = [before.get(recordKey(record)), after.get(recordKey(record))];
    if (kept === undefined || recordStatement(kept) !== recordStatement(record)) return false;
    return old === undefined || old.sig !== kept.sig || recordStatement(old) !== recordStatement(record);
  });
  return { contents, news: { records, blobs: contents.blobs, accounts: added.accounts } };
}
