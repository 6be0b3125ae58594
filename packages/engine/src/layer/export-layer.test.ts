import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isFault } from '@onebuild/core';
import { type Compression, digestOf, type LayerEntry, type LayerIndex } from '@onebuild/oci';
import { temporaryFolder } from '@onebuild/testkit';
import { createFsBlobStore } from '../store/fs-blob-store.ts';
import type { FileContent } from '../tree/file-tree.ts';
import { type ExportedBlob, exportLayer } from './export-layer.ts';

function blobStore(t: TestContext) {
  const root = temporaryFolder(t);
  const temp = temporaryFolder(t);
  return { blobs: createFsBlobStore({ root, temp }), root, temp };
}

const contents = new Map<string, Buffer>();
for (let at = 0; at < 40; at++) {
  contents.set(
    `f${String(at).padStart(3, '0')}`,
    Buffer.concat([randomBytes(60_000), Buffer.alloc(60_000, `${at} `)]),
  );
}
const entries: LayerEntry[] = [...contents].map(([path, bytes]) => ({
  path,
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: 77,
  size: bytes.length,
  digest: digestOf(bytes),
}));
const contentOf = ({ path }: LayerEntry): FileContent => ({
  kind: 'bytes',
  bytes: contents.get(path) ?? assert.fail(),
});
const mtimeOf = () => 1_500_000_000;

const programs: Readonly<Record<Compression, readonly string[]>> = {
  none: ['cat'],
  gzip: ['gzip', '-dc'],
  zstd: ['zstd', '-dcq'],
};

async function check(t: TestContext, compression: Compression): Promise<ExportedBlob> {
  const { blobs } = blobStore(t);
  let progress = 0;
  const onProgress = (bytes: number) => {
    progress = bytes;
  };
  const options = { blobs, mtimeOf, layers: { compression }, onProgress };
  const layer = await exportLayer({ entries }, contentOf, options);
  const stored = blobs.path(layer.descriptor.digest);
  assert.equal(statSync(stored).size, layer.descriptor.size);
  assert.equal(digestOf(execFileSync('cat', [stored], { maxBuffer: 1 << 26 })), layer.descriptor.digest);
  const [program = '', ...rest] = programs[compression];
  const tar = execFileSync(program, [...rest, stored], { maxBuffer: 1 << 26 });
  assert.equal(digestOf(tar), layer.diffId);
  assert.equal(tar.length, layer.size);
  assert.equal(progress, layer.size);
  const out = temporaryFolder(t);
  execFileSync('tar', ['-xf', '-', '-C', out], { input: tar });
  for (const [path, bytes] of contents) {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(join(out, path))) hash.update(chunk);
    assert.equal(`sha256:${hash.digest('hex')}`, digestOf(bytes));
    assert.equal(statSync(join(out, path)).mtimeMs, 1_500_000_000_000);
  }
  return layer;
}

test('a layer is what its descriptor says, with each compression, over one diff ID', async (t) => {
  const none = await check(t, 'none');
  const gzip = await check(t, 'gzip');
  const zstd = await check(t, 'zstd');
  assert.equal(none.diffId, none.descriptor.digest);
  assert.equal(gzip.diffId, none.diffId);
  assert.equal(zstd.diffId, none.diffId);
  const types = [none, gzip, zstd].map(({ descriptor }) => descriptor.mediaType.replace(/^.*layer.v1./, ''));
  assert.deepEqual(types, ['tar', 'tar+gzip', 'tar+zstd']);
});

for (const compression of ['none', 'gzip', 'zstd'] as const) {
  const base = { mtimeOf, layers: { compression } };

  test(`${compression}: blocks of an earlier layer give what making them anew gives`, async (t) => {
    const { blobs } = blobStore(t);
    const first = await exportLayer({ entries }, contentOf, { blobs, ...base });
    const text = Buffer.from('another text');
    const changed = { ...(entries[20] as LayerEntry), size: text.length, digest: digestOf(text) };
    const next = entries.with(20, changed);
    const read: string[] = [];
    const nextContent = (entry: LayerEntry): FileContent => {
      read.push(entry.path);
      return entry === changed ? { kind: 'bytes', bytes: text } : contentOf(entry);
    };
    const earlier = [{ digest: first.descriptor.digest, blocks: first.blocks }];
    const quick = await exportLayer({ entries: next }, nextContent, { blobs, ...base, earlier });
    assert.ok(read.includes(changed.path) && read.length < entries.length, `${read.length} files were read`);
    const slow = await exportLayer({ entries: next }, nextContent, { blobs, ...base, inFlight: 1 });
    assert.deepEqual(quick, slow);

    const same = await exportLayer({ entries }, () => assert.fail('read'), { blobs, ...base, earlier });
    assert.deepEqual(same, first);

    // A damaged or missing blob is not used.
    const place = blobs.path(first.descriptor.digest);
    const bytes = readFileSync(place);
    bytes.fill(7, bytes.length >> 1, (bytes.length >> 1) + 5000);
    writeFileSync(place, bytes);
    assert.deepEqual(await exportLayer({ entries }, contentOf, { blobs, ...base, earlier }), first);
    rmSync(place);
    assert.deepEqual(await exportLayer({ entries }, contentOf, { blobs, ...base, earlier }), first);
  });
}

test('a file of the context that is read in part is compared as a whole', async (t) => {
  const { blobs } = blobStore(t);
  const path = join(temporaryFolder(t), 'big');
  const bytes = randomBytes(5 << 20);
  writeFileSync(path, bytes);
  const plain = { ...(entries[0] as LayerEntry), size: bytes.length };
  const index = (mode: number): LayerIndex => ({
    entries: [{ ...plain, mode, path: 'big', digest: digestOf(bytes) }],
  });
  const [old, now] = [index(0o644), index(0o755)];
  const options = { blobs, mtimeOf, layers: { compression: 'gzip' } } as const;
  const first = await exportLayer(old, () => ({ kind: 'host', path }), options);
  const earlier = [{ digest: first.descriptor.digest, blocks: first.blocks }];
  const second = await exportLayer(now, () => ({ kind: 'host', path }), { ...options, earlier });
  assert.notEqual(second.diffId, first.diffId);
  assert.deepEqual(await exportLayer(now, () => ({ kind: 'host', path }), options), second);
  bytes[4 << 20] = (bytes[4 << 20] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  await assert.rejects(
    exportLayer(now, () => ({ kind: 'host', path }), { ...options, earlier }),
    (e) => isFault(e, 'CONTEXT_CHANGED'),
  );
});

test('a failure leaves nothing in the store', async (t) => {
  const { blobs, root, temp } = blobStore(t);
  const missing = (): FileContent => ({ kind: 'host', path: '/nowhere/at/all' });
  const layers = { compression: 'gzip' } as const;
  await assert.rejects(exportLayer({ entries }, missing, { blobs, mtimeOf, layers }), (e) =>
    isFault(e, 'CONTEXT_CHANGED'),
  );
  const signal = AbortSignal.abort();
  await assert.rejects(exportLayer({ entries }, contentOf, { blobs, mtimeOf, layers, signal }));
  assert.deepEqual([...readdirSync(root), ...readdirSync(temp)], []);
});
