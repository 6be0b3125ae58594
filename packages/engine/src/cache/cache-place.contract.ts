import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isFault } from '@onebuild/core';
import type { CachePlace } from './cache-place.ts';
import { type CacheContents, type CacheRecord, recordKey } from './cache-record.ts';
import { addSample, sampleBlob, sampleContents, signal, today } from './sample-contents.fixture.ts';

const dayMs = 86_400_000;

export interface PlaceOptions {
  readonly tag?: string;
  /** Days since the Unix epoch. */
  readonly day?: number;
}

/** What every place of a cache promises. `open` gives the same place for the same tag each time, within one test. */
export function cachePlaceContract(
  name: string,
  start: (t: { after(run: () => Promise<void>): void }) => Promise<(options?: PlaceOptions) => CachePlace>,
): void {
  describe(name, () => {
    test('what is added is there, with its blobs', async (t) => {
      const open = await start(t);
      assert.equal(await open().read(signal), undefined);
      const [a, b] = [sampleContents('a'), sampleContents('b')];
      await addSample(open(), a);
      await addSample(open(), b);
      const contents = await readAll(open());
      assert.deepEqual(keysOf(contents.records), keysOf([...a.contents.records, ...b.contents.records]));
      for (const record of a.contents.records) assert.ok(contents.records.some((one) => same(one, record)));
      for (const { descriptor, open: content } of [...a.blobs, ...b.blobs]) {
        assert.deepEqual(contents.blobs.get(descriptor.digest), descriptor);
        assert.deepEqual(await bytesOf(open().open(descriptor, signal)), await bytesOf(content(0)));
      }
    });

    test('a blob that is there is not sent again; one that is not there is missed', async (t) => {
      const open = await start(t);
      const blob = sampleBlob('one');
      assert.deepEqual(await open().put(blob, { signal }), { how: 'sent', sentBytes: blob.descriptor.size });
      assert.deepEqual(await open().put(blob, { signal }), { how: 'exists', sentBytes: 0 });
      const missing = bytesOf(open().open(sampleBlob('two').descriptor, signal));
      await assert.rejects(missing, { code: 'BLOB_NOT_FOUND' });
    });

    test('a blob is what its digest says, or an error', async (t) => {
      const open = await start(t);
      const wrong = { descriptor: sampleBlob('one').descriptor, open: sampleBlob('two').open };
      await assert.rejects(open().put(wrong, { signal }), { code: 'DIGEST_MISMATCH' });
      const blob = sampleBlob('one');
      await open().put(blob, { signal });
      const longer = { ...blob.descriptor, size: blob.descriptor.size + 1 };
      await assert.rejects(bytesOf(open().open(longer, signal)), (error) =>
        isFault(error, 'DIGEST_MISMATCH', 'REGISTRY_UNREACHABLE'),
      );
    });

    test('a later use is noted, accounts are kept', async (t) => {
      const open = await start(t);
      const account = {
        at: 5,
        hits: 1,
        savedMs: 2,
        fetchMs: 3,
        restoreMs: 4,
        exportMs: 5,
        fetchedBytes: 6,
        sentBytes: 7,
      };
      await addSample(open(), sampleContents('a', today - 5));
      const { contents } = sampleContents('a', today);
      await open().add({ ...contents, accounts: [account] }, { limits: {}, signal });
      const read = await readAll(open());
      assert.ok(read.records.every(({ used }) => used === today));
      assert.deepEqual(read.accounts, [account]);
    });

    test('what is too old goes when somebody adds', async (t) => {
      const open = await start(t);
      await addSample(open(), sampleContents('old', today - 10));
      const { contents, blobs } = sampleContents('new');
      for (const blob of blobs) await open().put(blob, { signal });
      await open().add(contents, { limits: { maxAgeDays: 5 }, signal });
      assert.deepEqual(keysOf((await readAll(open())).records), keysOf(contents.records));
    });

    test('what a tool prunes is gone, and can be added again', async (t) => {
      const open = await start(t);
      const [a, b] = [sampleContents('a'), sampleContents('b')];
      await open().rewrite((contents) => contents, { signal });
      assert.equal(
        await open()
          .read(signal)
          .then((read) => read?.records.length ?? 0),
        0,
      );
      await addSample(open(), a);
      await addSample(open(), b);
      const keep = new Set(b.contents.records.map(recordKey));
      const change = (contents: CacheContents) => ({
        ...contents,
        records: contents.records.filter((record) => keep.has(recordKey(record))),
      });
      await open().rewrite(change, { signal });
      assert.deepEqual(keysOf((await readAll(open())).records), keysOf(b.contents.records));
      await open().rewrite((contents) => ({ ...contents, records: [] }), { signal });
      assert.deepEqual((await readAll(open())).records, []);
      await addSample(open(), a);
      assert.deepEqual(keysOf((await readAll(open())).records), keysOf(a.contents.records));
    });

    test('caches side by side know nothing of each other', async (t) => {
      const open = await start(t);
      await addSample(open({ tag: 'one' }), sampleContents('a'));
      await addSample(open({ tag: 'one.two' }), sampleContents('b'));
      assert.equal(await open({ tag: 'on' }).read(signal), undefined);
      const one = await readAll(open({ tag: 'one' }));
      assert.deepEqual(keysOf(one.records), keysOf(sampleContents('a').contents.records));
    });

    test('a record without its blob is not taken', async (t) => {
      const open = await start(t);
      const { contents } = sampleContents('a');
      const [listing] = contents.records.filter(({ kind }) => kind === 'listing');
      assert.ok(listing);
      const records = contents.records.filter(({ kind }) => kind === 'copy');
      await open().add(
        { records: [...records, listing], blobs: new Map(), accounts: [] },
        { limits: {}, signal },
      );
      assert.deepEqual(keysOf((await readAll(open())).records), keysOf(records));
    });

    test('eight add at once, each finds its own and all find all', async (t) => {
      const open = await start(t);
      const samples = Array.from({ length: 8 }, (_, i) => sampleContents(`of ${i}`));
      await Promise.all(
        samples.map(async (sample) => {
          await addSample(open(), sample);
          const keys = keysOf((await readAll(open())).records);
          for (const key of keysOf(sample.contents.records)) assert.ok(keys.includes(key));
        }),
      );
      const all = keysOf(samples.flatMap(({ contents }) => contents.records));
      assert.deepEqual(keysOf((await readAll(open())).records), all);
      await addSample(open(), sampleContents('last'));
      assert.deepEqual(
        keysOf((await readAll(open())).records),
        keysOf(samples.concat(sampleContents('last')).flatMap(({ contents }) => contents.records)),
      );
    });

    test('who is canceled stops', async (t) => {
      const open = await start(t);
      const stopped = AbortSignal.abort();
      await assert.rejects(addWith(open(), stopped), { code: 'CANCELED' });
      assert.equal(await open().read(signal), undefined);
    });
  });
}

async function addWith(place: CachePlace, stop: AbortSignal): Promise<void> {
  await place.add(sampleContents('a').contents, { limits: {}, signal: stop });
}

export const clockOf =
  (day: number = today) =>
  () =>
    day * dayMs;

export async function readAll(place: CachePlace): Promise<CacheContents> {
  const contents = await place.read(signal);
  assert.ok(contents);
  return contents;
}

export function keysOf(records: readonly CacheRecord[]): readonly string[] {
  return [...new Set(records.map(recordKey))].sort();
}

function same(one: CacheRecord, other: CacheRecord): boolean {
  return JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
}

export async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(stream));
}
