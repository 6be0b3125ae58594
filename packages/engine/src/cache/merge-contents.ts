import type { Digest } from '@onebuild/core';
import { canonicalJson, type Descriptor } from '@onebuild/oci';
import { type CacheContents, type CacheRecord, recordKey } from './cache-record.ts';
import { recordStatement } from './record-statement.ts';
import { sortAccounts } from './sort-accounts.ts';

/**
 * All that several caches hold, in whatever order they come. Of records with one key that say different things the one used later
 * counts, of two snapshots of a mount the later one. A signature stays, whoever adds the same without one.
 */
export function mergeContents(all: readonly CacheContents[]): CacheContents {
  const groups = Map.groupBy(
    all.flatMap(({ records }) => records),
    recordKey,
  );
  return {
    records: [...groups.values()].map(mergeRecords),
    blobs: mergeBlobs(all),
    accounts: sortAccounts(all.flatMap(({ accounts }) => accounts)),
  };
}

interface Said {
  readonly text: string;
  readonly record: CacheRecord;
}

function mergeRecords(records: readonly CacheRecord[]): CacheRecord {
  const [first] = records;
  if (records.length === 1 && first !== undefined) return first;
  const said = records.map((record): Said => ({ text: recordStatement(record), record }));
  const winner = said.reduce((best, other) => (isAhead(other, best) ? other : best));
  const { sig: _sig, ...rest } = winner.record;
  const sig = greatest(said.flatMap(({ text, record }) => (text === winner.text ? [record.sig] : [])));
  const used = Math.max(...records.map((record) => record.used));
  const signed = { ...rest, used, ...(sig !== undefined && { sig }) };
  const times = records.flatMap((record) => ('ms' in record && record.ms !== undefined ? [record.ms] : []));
  return 'layer' in signed && times.length > 0 ? { ...signed, ms: Math.max(...times) } : signed;
}

function isAhead(one: Said, other: Said): boolean {
  const [mine, theirs] = [one, other].map(({ record }) =>
    record.kind === 'mount' ? record.at : record.used,
  );
  return mine === theirs ? one.text > other.text : Number(mine) > Number(theirs);
}

function greatest(texts: readonly (string | undefined)[]): string | undefined {
  return texts.reduce(
    (best, text) => (text !== undefined && (best === undefined || text > best) ? text : best),
    undefined,
  );
}

function mergeBlobs(all: readonly CacheContents[]): ReadonlyMap<Digest, Descriptor> {
  const blobs = new Map<Digest, Descriptor>();
  for (const { blobs: more } of all) {
    for (const [digest, descriptor] of more) {
      const known = blobs.get(digest);
      if (known === undefined || canonicalJson(descriptor) < canonicalJson(known))
        blobs.set(digest, descriptor);
    }
  }
  return blobs;
}
