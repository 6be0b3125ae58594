import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Digest } from '@onebuild/core';
import { type Descriptor, digestOf } from '@onebuild/oci';
import { createRegistryClient } from '@onebuild/registry/client';
import { seededBytes, temporaryFolder } from '@onebuild/testkit';
import type { CachePlace } from '../cache/cache-place.ts';
import type { MountSnapshotRecord } from '../cache/cache-record.ts';
import { openPlace } from '../cache/open-place.ts';
import { saveMount } from '../mount-cache/save-mount.ts';
import { verifyCache } from './verify-cache.ts';
import { clock, signal, today, writeCache } from './whole-cache.fixture.ts';

const folder = temporaryFolder();
const registry = createRegistryClient({});
after(() => {
  registry.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Snapshot {
  readonly record: MountSnapshotRecord;
  readonly blobs: ReadonlyMap<Digest, Descriptor>;
}

/** A cache mount as a build saves it. */
async function snapshot(place: CachePlace, name: string): Promise<Snapshot> {
  const mount = join(folder, `mount-${name}`);
  mkdirSync(mount);
  for (const at of [1, 2, 3]) writeFileSync(join(mount, `file-${at}`), seededBytes(`${name} ${at}`, 300_000));
  const saved = await saveMount({
    folder: mount,
    packs: new Map(),
    put: (blob) => place.put(blob, { signal }),
    secrets: [],
    facts: () => [],
    day: today,
    signal,
  });
  assert.ok(saved !== 'unchanged');
  const { listing, packs, bytes } = saved;
  const all = [listing.descriptor, ...packs];
  return {
    record: {
      kind: 'mount',
      key: `mount ${name}`,
      id: `/root/${name}`,
      blob: listing.descriptor.digest,
      packs: packs.map(({ digest }) => digest),
      at: 1,
      bytes,
      used: today,
    },
    blobs: new Map(all.map((descriptor) => [descriptor.digest, descriptor])),
  };
}

test('snapshots of cache mounts are read down to their files', async () => {
  const place = openPlace({ type: 'local', path: join(folder, 'cache'), tag: 'c' }, { registry, clock });
  const [one, other] = [await snapshot(place, 'm2'), await snapshot(place, 'npm')];
  const blobs = new Map([...one.blobs, ...other.blobs]);
  await place.add({ records: [one.record, other.record], blobs, accounts: [] }, { limits: {}, signal });
  const options = { keys: [], clock, signal };
  const found = await verifyCache(place, options);
  assert.deepEqual([found?.damaged, found?.entries, found?.blobs], [[], 2, blobs.size]);

  // somebody says that the packs of one are those of the other
  const swapped = { ...one.record, key: 'mount swapped', id: '/root/swapped', packs: other.record.packs };
  await place.add({ records: [swapped], blobs, accounts: [] }, { limits: {}, signal });
  const told = await verifyCache(place, { ...options, fix: true });
  assert.deepEqual(
    told?.damaged.map(({ what, id }) => [what, id]),
    [['mount', '/root/swapped']],
  );
  assert.equal(told?.removed, 1);
  assert.deepEqual((await verifyCache(place, options))?.damaged, []);
});

test('bytes that are no snapshot are damage', async () => {
  const place = openPlace({ type: 'local', path: join(folder, 'nonsense'), tag: 'c' }, { registry, clock });
  const bytes = Buffer.from('no listing');
  const descriptor = {
    mediaType: 'application/vnd.onebuild.cache.mount.v1+zstd',
    digest: digestOf(bytes),
    size: bytes.length,
  };
  const record = { kind: 'mount', key: 'm', id: '/m', blob: descriptor.digest, packs: [], at: 1 } as const;
  await writeCache(place, {
    records: [{ ...record, bytes: 1, used: today }],
    blobs: [{ descriptor, bytes }],
  });
  const found = await verifyCache(place, { keys: [], clock, signal });
  assert.deepEqual(
    found?.damaged.map(({ what, id }) => [what, id]),
    [['mount', '/m']],
  );
});
