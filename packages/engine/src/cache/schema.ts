import type { Digest } from '@onebuild/core';
import { isDigest } from '@onebuild/oci';
import * as v from 'valibot';
import type { CacheAccount, CacheRecord } from './cache-record.ts';

const digest = v.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'must be a digest');
const count = v.pipe(v.number('must be a number'), v.safeInteger('must be whole'), v.minValue(0));
const amount = v.pipe(v.number('must be a number'), v.finite(), v.minValue(0));
const text = (longest: number) =>
  v.pipe(v.string('must be a text'), v.maxLength(longest, `must have at most ${longest} characters`));

/** Packs of one mount: at some MB each more than any folder needs. */
const mostPacks = 20_000;

const common = { used: v.pipe(count, v.maxValue(10_000_000)), sig: v.optional(text(200)) };

const result = v.object({
  ...common,
  kind: v.picklist(['exec', 'copy']),
  key: digest,
  layer: v.union([digest, v.literal('')], 'must be a digest or empty'),
  ms: v.optional(amount),
});

const listing = v.object({ ...common, kind: v.literal('listing'), key: digest, blob: digest });

const blob = v.object({
  ...common,
  kind: v.literal('blob'),
  key: digest,
  form: text(500),
  blob: digest,
  diffId: digest,
});

const mount = v.object({
  ...common,
  kind: v.literal('mount'),
  key: text(1000),
  id: text(4000),
  blob: digest,
  packs: v.pipe(v.array(digest), v.maxLength(mostPacks, 'has too many packs')),
  at: count,
  bytes: count,
});

/** By `kind`. */
export const recordSchemas: ReadonlyMap<string, v.GenericSchema<unknown, CacheRecord>> = new Map<
  string,
  v.GenericSchema<unknown, CacheRecord>
>([
  ['exec', result],
  ['copy', result],
  ['listing', listing],
  ['blob', blob],
  ['mount', mount],
]);

export const accountSchema: v.GenericSchema<unknown, CacheAccount> = v.object({
  at: count,
  hits: count,
  savedMs: amount,
  fetchMs: amount,
  restoreMs: amount,
  exportMs: amount,
  fetchedBytes: count,
  sentBytes: count,
});

/** The document around records and accounts, whose fields are looked at one by one. */
export const documentSchema = v.object({
  records: v.array(v.unknown(), 'must be a list'),
  merged: v.record(v.string(), v.unknown(), 'must have seconds by id'),
  accounts: v.array(v.unknown(), 'must be a list'),
});

export const secondsSchema = count;
