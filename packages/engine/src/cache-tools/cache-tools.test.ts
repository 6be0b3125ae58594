import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { blobPath, digestOf } from '@onebuild/oci';
import { createRegistryClient, type RegistryClient } from '@onebuild/registry/client';
import { type RegistryService, startOneBuildRegistry, temporaryFolder } from '@onebuild/testkit';
import type { CachePlace } from '../cache/cache-place.ts';
import { openPlace } from '../cache/open-place.ts';
import { signRecord } from '../cache/sign-record.ts';
import { cacheStats } from './cache-stats.ts';
import { listCache } from './list-cache.ts';
import { pruneCache } from './prune-cache.ts';
import { verifyCache } from './verify-cache.ts';
import {
  clock,
  type MadeLayer,
  madeLayer,
  recordsOf,
  signal,
  today,
  writeCache,
} from './whole-cache.fixture.ts';

const folder = temporaryFolder();
let service: RegistryService;
let registry: RegistryClient;
let count = 0;

before(async () => {
  service = await startOneBuildRegistry();
  registry = createRegistryClient({});
});
after(async () => {
  registry.close();
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

const places: Readonly<Record<string, () => CachePlace>> = {
  'a registry': () =>
    openPlace(
      {
        type: 'registry',
        reference: { registry: service.host, repository: `app-${count++}`, tag: 'onebuild-cache' },
      },
      { registry, clock },
    ),
  'a folder': () =>
    openPlace({ type: 'local', path: join(folder, `cache-${count++}`), tag: 'c' }, { registry, clock }),
};

const [old, young] = [madeLayer('old'), madeLayer('young')];
const blobs = [old, young].flatMap(({ layer, listing }) => [layer, listing]);
const records = [...recordsOf('old', old, today - 40), ...recordsOf('young', young)];
const verified = { keys: [], clock, signal };

for (const [name, open] of Object.entries(places)) {
  describe(`a cache in ${name}`, () => {
    it('that is not there is none', async () => {
      const place = open();
      assert.equal(await listCache(place, { signal }), undefined);
      assert.equal(await verifyCache(place, verified), undefined);
      assert.equal(await cacheStats(place, { signal }), undefined);
      assert.equal(await pruneCache(place, { limits: {}, clock, signal }), undefined);
    });

    it('says what it holds', async () => {
      const place = open();
      const account = { at: 5, hits: 1, savedMs: 900, fetchMs: 100, restoreMs: 50, exportMs: 0 };
      await writeCache(place, {
        records,
        blobs,
        accounts: [{ ...account, fetchedBytes: 10, sentBytes: 20 }],
      });
      const listing = await listCache(place, { signal });
      const size = blobs.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
      assert.deepEqual([listing?.entries, listing?.size, listing?.signed, listing?.builds], [6, size, 0, 1]);
      assert.deepEqual(
        listing?.parts.map(({ kind, count: entries, lastUsed }) => [kind, entries, lastUsed]),
        [
          ['steps', 2, today],
          ['copies', 0, undefined],
          ['listings', 2, today],
          ['layers', 2, today],
          ['mounts', 0, undefined],
        ],
      );
      const stats = await cacheStats(place, { signal });
      assert.deepEqual([stats?.totals.builds, stats?.totals.netMs, stats?.advice], [1, 750, undefined]);
    });

    it('loses what is beyond the limits, and says so before', async () => {
      const place = open();
      await writeCache(place, { records, blobs });
      const options = { limits: { maxAgeDays: 30 }, clock, signal };
      const foreseen = await pruneCache(place, { ...options, dryRun: true });
      assert.deepEqual([foreseen?.removedEntries, foreseen?.keptEntries], [3, 3]);
      assert.equal((await listCache(place, { signal }))?.entries, 6);
      assert.deepEqual(await pruneCache(place, options), foreseen);
      const listing = await listCache(place, { signal });
      assert.deepEqual([listing?.entries, listing?.size], [3, foreseen?.keptSize]);
      assert.equal((await pruneCache(place, options))?.removedEntries, 0);
    });

    it('is read from end to end', async () => {
      const place = open();
      const keys = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')].map((pair) => ({
        secret: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        open: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      }));
      const [mine, other] = keys as [(typeof keys)[0], (typeof keys)[0]];
      const signed = records.map((record, at) =>
        at < 3 ? signRecord(record, mine.secret) : at < 4 ? signRecord(record, other.secret) : record,
      );
      await writeCache(place, { records: signed, blobs });
      const progress: number[] = [];
      const found = await verifyCache(place, {
        keys: [mine.open],
        clock,
        signal,
        onProgress: (seen) => progress.push(seen.blobs),
      });
      assert.deepEqual(progress, [1, 2, 3, 4]);
      assert.deepEqual(
        [found?.signed, found?.otherwiseSigned, found?.unsigned, found?.damaged, found?.blobs],
        [3, 1, 2, [], 4],
      );
      assert.equal((await verifyCache(place, verified))?.signed, 4);
    });

    it('with a layer or a listing that is another one is damaged, and loses what needs it', async () => {
      const place = open();
      const wrong: MadeLayer = { ...old, diffId: young.diffId, listing: young.listing };
      await writeCache(place, { records: [...recordsOf('old', wrong), ...recordsOf('young', young)], blobs });
      const found = await verifyCache(place, verified);
      assert.deepEqual(found?.damaged.map(({ what, digest }) => [what, digest]).toSorted(), [
        ['layer', old.layer.descriptor.digest],
        ['listing', young.listing.descriptor.digest],
      ]);
      const fixed = await verifyCache(place, { ...verified, fix: true });
      assert.equal(fixed?.removed, 3, 'what was right stays');
      assert.deepEqual((await verifyCache(place, verified))?.damaged, []);
    });
  });
}

it('bytes of a folder that are others than their name says are found, and so are those that are gone', async () => {
  const path = join(folder, 'broken');
  const place = openPlace({ type: 'local', path, tag: 'c' }, { registry, clock });
  await writeCache(place, { records, blobs });
  const { descriptor } = old.layer;
  const other = Buffer.alloc(descriptor.size, 'x');
  writeFileSync(join(path, blobPath(descriptor.digest)), other);
  rmSync(join(path, blobPath(young.layer.descriptor.digest)));
  const found = await verifyCache(place, { ...verified, fix: true });
  assert.deepEqual(
    found?.damaged.map(({ digest }) => digest),
    [descriptor.digest, young.layer.descriptor.digest].toSorted(),
  );
  assert.equal(found?.removed, 6);
});

it('bytes that are no layer and no listing are damage, too', async () => {
  const place = openPlace({ type: 'local', path: join(folder, 'nonsense'), tag: 'c' }, { registry, clock });
  const bad = (blob: MadeLayer['layer'], bytes: Uint8Array): MadeLayer['layer'] => ({
    bytes,
    descriptor: { ...blob.descriptor, digest: digestOf(bytes), size: bytes.length },
  });
  const cut: MadeLayer = {
    ...old,
    layer: bad(old.layer, gzipSync('x'.repeat(1000)).subarray(0, 20)),
    listing: bad(old.listing, zstdCompressSync(Buffer.from('{}'))),
  };
  await writeCache(place, { records: recordsOf('old', cut), blobs: [cut.layer, cut.listing] });
  const found = await verifyCache(place, verified);
  assert.deepEqual(found?.damaged.map(({ what }) => what).toSorted(), ['layer', 'listing']);
});

it('a registry that is gone says nothing about the cache', async () => {
  const gone = await startOneBuildRegistry();
  const location = { registry: gone.host, repository: 'app', tag: 'c' };
  const client = createRegistryClient({ retry: { attempts: 1 } });
  const place = openPlace({ type: 'registry', reference: location }, { registry: client, clock });
  await writeCache(place, { records, blobs });
  const read = await place.read(signal);
  await gone.close();
  const reading: CachePlace = { ...place, read: async () => read };
  await assert.rejects(verifyCache(reading, { ...verified, fix: true }), (error) => {
    assert.match(String((error as { code?: unknown }).code), /^REGISTRY_/);
    return true;
  });
  client.close();
});
