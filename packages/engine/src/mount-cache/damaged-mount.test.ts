import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { type Digest, isFault, type OneBuildError } from '@onebuild/core';
import { type Descriptor, digestHex, digestOf } from '@onebuild/oci';
import { seededBytes } from '@onebuild/testkit';
import { decodeMountListing } from './decode-listing.ts';
import { encodeMountListing } from './encode-listing.ts';
import type { ListingColumns } from './listing-columns.ts';
import { mountMediaTypes } from './mount-listing.ts';
import { chunkDigest } from './pack-writer.ts';
import { describeFolder, newFolders, Saver } from './saved-folder.fixture.ts';
import { packMountListing, unpackMountListing } from './stored-listing.ts';

function isDamaged(error: unknown): boolean {
  return isFault(error, 'CACHE_DAMAGED');
}

async function savedFolder(
  t: TestContext,
): Promise<{ saver: Saver; target: string; packs: readonly Descriptor[] }> {
  const { source, target } = newFolders(t);
  for (let file = 0; file < 20; file++)
    fs.writeFileSync(join(source, `file${file}`), seededBytes(`${file}`, 600_000));
  fs.writeFileSync(join(source, 'text'), 'compresses\n'.repeat(20_000));
  const saver = new Saver();
  const { packs } = await saver.saveNew(source);
  assert.equal(packs.length, 2);
  return { saver, target, packs };
}

type Damage = (bytes: Map<Digest, Buffer>, one: Digest, other: Digest) => void;

const damages: Readonly<Record<string, Damage>> = {
  'a bit is flipped': (bytes, one) => {
    const pack = bytes.get(one);
    if (pack) pack[pack.length >> 1] = (pack[pack.length >> 1] ?? 0) ^ 1;
  },
  'a pack is cut short': (bytes, one) => bytes.set(one, bytes.get(one)?.subarray(0, -1) ?? Buffer.alloc(0)),
  'a pack is longer': (bytes, one) =>
    bytes.set(one, Buffer.concat([bytes.get(one) ?? Buffer.alloc(0), Buffer.alloc(9)])),
  'a pack is empty': (bytes, one) => bytes.set(one, Buffer.alloc(0)),
  'packs are swapped': (bytes, one, other) => {
    const kept = bytes.get(one) ?? Buffer.alloc(0);
    bytes.set(one, bytes.get(other) ?? Buffer.alloc(0)).set(other, kept);
  },
};

for (const [name, damage] of Object.entries(damages)) {
  test(`${name}: it is not restored`, async (t) => {
    const { saver, target, packs } = await savedFolder(t);
    const [one, other] = packs;
    assert.ok(one && other);
    damage(saver.blobs.bytes, one.digest, other.digest);
    await assert.rejects(saver.restore(target), (error: OneBuildError) => {
      assert.match(error.message, /pack sha256:[0-9a-f]{64} is not what it should be/);
      return isDamaged(error);
    });
  });
}

test('a pack that nobody knows, or that is smaller than its chunks: not restored', async (t) => {
  const { saver, target, packs } = await savedFolder(t);
  const [one, other] = packs;
  assert.ok(one && other);
  await assert.rejects(saver.restore(target, { packs: new Map([[one.digest, one]]) }), isDamaged);
  const small = new Map([[one.digest, one], [other.digest, { ...other, size: 10 }] as const]);
  await assert.rejects(saver.restore(target, { packs: small }), isDamaged);
  assert.deepEqual(fs.readdirSync(target), []);
});

test('where the place fails, its own error comes', async (t) => {
  const { saver, target } = await savedFolder(t);
  const open = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(3);
    throw new Error('connection lost');
  };
  await assert.rejects(saver.restore(target, { open }), /connection lost/);
});

const content = Buffer.from('content\n');
const pack = digestOf(content);

/** Of a folder with one file. */
function columns(): { -readonly [Name in keyof ListingColumns]: ListingColumns[Name] } {
  return {
    format: 'onebuild.mount.v1',
    paths: ['', 'dir', 'dir/file'],
    types: 'ddf',
    owners: [0, 0, 0],
    attributes: [[0o755, 0, 0]],
    seconds: [1, 2, 3],
    nanoseconds: [1, 2, 3],
    links: [],
    used: [1],
    counts: [1],
    chunks: [0],
    packs: [digestHex(pack)],
    packCounts: [1],
    gaps: [0],
    lengths: [content.length],
    rawLengths: [content.length],
    digests: chunkDigest(content),
    facts: [],
  };
}

async function restoreColumns(t: TestContext, change: object, bytes: Buffer = content): Promise<string> {
  const { target } = newFolders(t);
  const saver = new Saver();
  const digest = digestOf(bytes);
  const descriptor = { mediaType: mountMediaTypes.pack, digest, size: bytes.length };
  saver.blobs.bytes.set(digest, bytes);
  const listing = Buffer.from(JSON.stringify({ ...columns(), ...change }));
  saver.last = {
    listing: { descriptor, blob: listing, bytes: listing },
    packs: [descriptor],
    bytes: 0,
    sentBytes: 0,
    evicted: { files: 0, bytes: 0 },
    leftOut: [],
    state: '',
  };
  await saver.restore(target);
  return target;
}

test('a listing that is right is restored', async (t) => {
  const target = await restoreColumns(t, {});
  assert.equal(fs.readFileSync(join(target, 'dir', 'file'), 'utf8'), 'content\n');
  assert.equal(fs.lstatSync(join(target, 'dir', 'file'), { bigint: true }).mtimeNs, 3_000_000_003n);
});

const outside = ['../evil', '/evil', 'dir/../../evil', 'dir//file', './file', 'dir/.', 'a\0b', ''];
const hostile: Readonly<Record<string, object>> = {
  ...Object.fromEntries(
    outside.map((path) => [`the path ${JSON.stringify(path)}`, { paths: ['', 'dir', path] }]),
  ),
  'a path through a link': { types: 'dlf', links: ['/tmp'] },
  'a path through a file': { types: 'dff', used: [1, 1], counts: [1, 1], chunks: [0, -1] },
  'a path in no folder': { paths: ['', 'dir', 'other/file'] },
  'a path twice': { paths: ['', 'dir', 'dir'] },
  'a path that is another as bytes': { paths: ['', '\u00e9', '\udcc3\udca9'] },
  'paths out of order': { paths: ['', 'dir', 'a'] },
  'no folder at the top': { paths: ['a', 'b', 'c'] },
  'a top that is a link': { types: 'ldf', links: ['/tmp'] },
  'a hard link outside': { types: 'ddh', links: ['../../etc/passwd'], used: [], counts: [], chunks: [] },
  'a hard link to a folder': { types: 'ddh', links: ['dir'], used: [], counts: [], chunks: [] },
  'a hard link to itself': { types: 'ddh', links: ['dir/file'], used: [], counts: [], chunks: [] },
  'a link to nothing': { types: 'ddl', links: [''], used: [], counts: [], chunks: [] },
  'a device': { types: 'ddc' },
  'an owner of all bits': { attributes: [[0o755, 0xffff_ffff, 0]] },
  'a wrong mode': { attributes: [[0o100755, 0, 0]] },
  'an owner that is not there': { owners: [0, 0, 7] },
  'a chunk that is not there': { chunks: [1] },
  'a chunk before the first': { chunks: [-1] },
  'more chunks than there are': { counts: [2] },
  'a file of more than all disks': {
    counts: [4_000_000],
    chunks: [0, ...Array(3_999_999).fill(-1)],
    rawLengths: [1 << 20],
  },
  'a chunk that is too large': { rawLengths: [(1 << 20) + 1] },
  'a chunk that is larger than its content': { lengths: [content.length + 1] },
  'a negative gap': { gaps: [-1] },
  'a chunk behind the end of its pack': { gaps: [1] },
  'a pack of another name': { packs: ['0'.repeat(64)] },
  'a chunk of another name': { digests: '0'.repeat(64) },
  'a column that is missing': { lengths: undefined },
  'a column of another length': { nanoseconds: [1, 2] },
  'a fact of two parts': { facts: [['kind', 'key']] },
  'another format': { format: 'onebuild.mount.v9' },
};

for (const [name, change] of Object.entries(hostile)) {
  test(`refused: ${name}`, async (t) => {
    await assert.rejects(restoreColumns(t, change), isDamaged);
  });
}

test('refused: a chunk that unpacks to more than it says, or to less, or is no zstd', async (t) => {
  const raw = Buffer.alloc(900_000);
  const bomb = Buffer.from(zstdCompressSync(raw));
  const change = { packs: [digestHex(digestOf(bomb))], lengths: [bomb.length] };
  const digests = chunkDigest(raw);
  const target = await restoreColumns(t, { ...change, digests, rawLengths: [raw.length] }, bomb);
  assert.ok(fs.readFileSync(join(target, 'dir', 'file')).equals(raw));
  for (const rawLengths of [[raw.length - 1], [raw.length + 1], [40_000]])
    await assert.rejects(restoreColumns(t, { ...change, digests, rawLengths }, bomb), isDamaged);
  const noise = seededBytes('noise', bomb.length);
  const packs = [digestHex(digestOf(noise))];
  for (const rawLengths of [[40_000], [raw.length]])
    await assert.rejects(restoreColumns(t, { ...change, packs, digests, rawLengths }, noise), isDamaged);
});

test('a listing as stored: comes back, and a damaged or endless one is refused', async () => {
  const listing = Buffer.from(JSON.stringify(columns()));
  assert.deepEqual(encodeMountListing(decodeMountListing(listing)), listing);
  const blob = await packMountListing(listing);
  assert.deepEqual(await unpackMountListing(blob), listing);
  await assert.rejects(unpackMountListing(blob.subarray(0, -2)), isDamaged);
  await assert.rejects(unpackMountListing(seededBytes('noise', 100)), isDamaged);
  const bomb = zstdCompressSync(Buffer.alloc((256 << 20) + 1));
  await assert.rejects(unpackMountListing(bomb), isDamaged);
});

test('a process that is killed while it restores leaves nothing in place', async (t) => {
  const { source, target } = newFolders(t);
  for (let file = 0; file < 30; file++)
    fs.writeFileSync(join(source, `file${file}`), seededBytes(`${file}`, 700_000));
  const saver = new Saver();
  await saver.saveNew(source);
  const child = restoreInChild({ saver, target, blobs: join(source, '..', 'blobs') });
  const exited = new Promise<NodeJS.Signals | null>((resolve) =>
    child.on('exit', (_, signal) => resolve(signal)),
  );
  await new Promise<void>((resolve) => child.stdout?.on('data', () => resolve()));
  assert.ok(fs.readdirSync(`${target}-temp`).length > 0);
  child.kill('SIGKILL');
  assert.equal(await exited, 'SIGKILL');
  assert.ok(!fs.existsSync(target));
  // and the next one finds nothing that is in its way
  fs.rmSync(`${target}-temp`, { recursive: true });
  await saver.restore(target);
  assert.deepEqual(describeFolder(target), describeFolder(source));
});

/** A process that restores beside `target` and would put it in place, but waits forever for the second pack. */
function restoreInChild({
  saver,
  target,
  blobs,
}: {
  readonly saver: Saver;
  readonly target: string;
  readonly blobs: string;
}): ChildProcess {
  fs.mkdirSync(blobs);
  for (const [digest, bytes] of saver.blobs.bytes) fs.writeFileSync(join(blobs, digest), bytes);
  const { listing, packs } = saver.last ?? {};
  fs.writeFileSync(join(blobs, 'listing'), listing?.bytes ?? '');
  const script = `
    import { readFileSync, mkdirSync, renameSync, readdirSync } from 'node:fs';
    import { restoreMount } from ${JSON.stringify(new URL('./restore-mount.ts', import.meta.url).href)};
    const [blobs, target, packs] = ${JSON.stringify([blobs, target, packs])};
    const temp = target + '-temp';
    mkdirSync(temp);
    let opened = 0;
    const keep = setInterval(() => {
      if (opened > 1 && readdirSync(temp).length > 0) console.log('half');
    }, 20);
    await restoreMount({
      listing: readFileSync(blobs + '/listing'),
      packs: new Map(packs.map((pack) => [pack.digest, pack])),
      async *open({ digest }) {
        if (opened++ > 0) await new Promise(() => {});
        yield readFileSync(blobs + '/' + digest);
      },
      folder: temp, rootless: false, signal: new AbortController().signal,
    });
    renameSync(temp, target);
    clearInterval(keep);
  `;
  return spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
