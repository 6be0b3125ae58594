import type { Digest } from '@onebuild/core';
import { type Descriptor, digestOf } from '@onebuild/oci';
import fc from 'fast-check';
import { blobsOf, type CacheContents, type CacheRecord } from './cache-record.ts';

/** Few keys and few values, so that much collides. */
const digests = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => digestOf(name));
const digest = fc.constantFrom(...digests);
const common = {
  used: fc.integer({ min: 0, max: 6 }),
  sig: fc.constantFrom('one', 'two', undefined),
};

const record: fc.Arbitrary<CacheRecord> = fc
  .oneof(
    fc.record({
      ...common,
      kind: fc.constantFrom('exec' as const, 'copy' as const),
      key: digest,
      layer: fc.oneof(digest, fc.constant('' as const)),
      ms: fc.constantFrom(undefined, 10, 20),
    }),
    fc.record({ ...common, kind: fc.constant('listing' as const), key: digest, blob: digest }),
    fc.record({
      ...common,
      kind: fc.constant('blob' as const),
      key: digest,
      form: fc.constantFrom('gzip', 'zstd'),
      blob: digest,
      diffId: digest,
    }),
    fc.record({
      ...common,
      kind: fc.constant('mount' as const),
      key: fc.constantFrom('m2', 'npm', '__proto__'),
      id: fc.constantFrom('/root/.m2', 'constructor'),
      blob: digest,
      packs: fc.array(digest, { maxLength: 3 }),
      at: fc.integer({ min: 0, max: 3 }),
      bytes: fc.nat(100),
    }),
  )
  .map((made) => withoutUndefined(made));

const account = fc.record(
  {
    at: fc.nat(5),
    hits: fc.nat(2),
    savedMs: fc.nat(2),
    fetchMs: fc.constant(0),
    restoreMs: fc.constant(0),
    exportMs: fc.constant(0.5),
    fetchedBytes: fc.constant(0),
    sentBytes: fc.constant(0),
  },
  { noNullPrototype: true },
);

/** As a cache holds them: one record for each key is not promised, all descriptors are. */
export const anyContents: fc.Arbitrary<CacheContents> = fc
  .record({ records: fc.array(record, { maxLength: 12 }), accounts: fc.array(account, { maxLength: 4 }) })
  .map(({ records, accounts }) => ({ records, accounts, blobs: descriptorsOf(records) }));

function descriptorsOf(records: readonly CacheRecord[]): ReadonlyMap<Digest, Descriptor> {
  const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip';
  return new Map(
    records
      .flatMap(blobsOf)
      .map((one) => [one, { mediaType, digest: one, size: 1 + digests.indexOf(one) * 10 }]),
  );
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}
