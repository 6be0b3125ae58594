import { type Digest, fault, type OneBuildError } from '@onebuild/core';
import { type Descriptor, encodeJson } from '@onebuild/oci';
import * as v from 'valibot';
import { blobsOf, type CacheAccount, type CacheRecord, recordKey } from './cache-record.ts';
import type { CacheState } from './cache-state.ts';
import { accountSchema, documentSchema, recordSchemas, secondsSchema } from './schema.ts';
import { isSegmentId } from './segment-tags.ts';
import { sortAccounts } from './sort-accounts.ts';

/** The only version there is. One more means that older programs must leave the cache alone. */
const version = 1;

/** Limits of a document, whoever wrote it. */
export const documentLimits = Object.freeze({
  bytes: 32 * 1024 * 1024,
  records: 200_000,
  merged: 200_000,
});

/** The config of a cache's manifest. Equal states give equal bytes. */
export function encodeDocument({ contents, merged }: CacheState): Uint8Array {
  const keyed = contents.records.map((record) => [recordKey(record), record] as const);
  return encodeJson({
    version,
    records: keyed.sort(([one], [other]) => (one < other ? -1 : 1)).map(([, record]) => record),
    merged: Object.fromEntries(merged),
    accounts: sortAccounts(contents.accounts),
  });
}

/**
 * Reads what {@link encodeDocument} wrote, or somebody hostile. Kinds of records that are not known, and records that name a blob that
 * `blobs` lacks, are left out; of several records with one key the last counts.
 * @throws CACHE_DAMAGED
 */
export function decodeDocument(bytes: Uint8Array, blobs: ReadonlyMap<Digest, Descriptor>): CacheState {
  const document = parseDocument(bytes);
  const records = new Map<string, CacheRecord>();
  for (const [i, value] of document.records.entries()) {
    const record = readRecord(value, i);
    if (record === undefined || !blobsOf(record).every((digest) => blobs.has(digest))) continue;
    records.set(recordKey(record), record);
  }
  const needed = new Set([...records.values()].flatMap(blobsOf));
  return {
    contents: {
      records: [...records.values()],
      blobs: new Map([...blobs].filter(([digest]) => needed.has(digest))),
      accounts: readAccounts(document.accounts),
    },
    merged: readMerged(document.merged),
  };
}

function parseDocument(bytes: Uint8Array): v.InferOutput<typeof documentSchema> {
  if (bytes.length > documentLimits.bytes) {
    throw invalid(`has ${bytes.length} bytes; ${documentLimits.bytes} are allowed`);
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw invalid('is not JSON');
  }
  refuseLater(value);
  const document = v.safeParse(documentSchema, value);
  if (!document.success) throw invalid(describeIssue(document.issues[0]));
  if (document.output.records.length > documentLimits.records) {
    throw invalid(`has ${document.output.records.length} records; ${documentLimits.records} are allowed`);
  }
  return document.output;
}

function refuseLater(value: unknown): void {
  const found = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
  if (found === version) return;
  if (typeof found === 'number' && found > version) throw laterVersion(String(found));
  throw invalid(`does not say its version, ${version}`);
}

/** CACHE_DAMAGED for a cache that only a later OneBuild reads. */
export function laterVersion(found: string): OneBuildError {
  return fault(
    'CACHE_DAMAGED',
    `its format has version ${found.slice(0, 20)}, this program knows ${version}`,
    {
      hint: 'Use the version of OneBuild that wrote it, or give this one a cache of its own: another tag after `ref=`.',
    },
  );
}

function readRecord(value: unknown, i: number): CacheRecord | undefined {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  if (typeof kind !== 'string') throw invalid(`has no kind in record ${i}`);
  const schema = recordSchemas.get(kind);
  if (schema === undefined) return undefined;
  const record = v.safeParse(schema, value);
  if (!record.success) throw invalid(`${describeIssue(record.issues[0])} in record ${i}`);
  return record.output;
}

function readAccounts(values: readonly unknown[]): readonly CacheAccount[] {
  // bounded first: nobody looks at more
  const read = values.slice(-1000).map((value) => v.safeParse(accountSchema, value));
  const bad = read.find((account) => !account.success);
  if (bad?.success === false) throw invalid(`${describeIssue(bad.issues[0])} in its accounts`);
  return sortAccounts(read.flatMap((account) => (account.success ? [account.output] : [])));
}

function readMerged(values: Readonly<Record<string, unknown>>): ReadonlyMap<string, number> {
  const entries = Object.entries(values);
  if (entries.length > documentLimits.merged) throw invalid('names too many segments');
  return new Map(
    entries.flatMap(([id, since]) => {
      const seconds = v.safeParse(secondsSchema, since);
      if (!seconds.success) throw invalid('says of a segment no time');
      return isSegmentId(id) ? [[id, seconds.output]] : [];
    }),
  );
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? '';
  return `has a wrong value${path === '' ? '' : ` at ${path.slice(0, 100)}`}`;
}

function invalid(why: string): OneBuildError {
  return fault('CACHE_DAMAGED', `its document ${why}`);
}
