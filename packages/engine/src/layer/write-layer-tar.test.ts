import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Digest, isFault } from '@onebuild/core';
import type { LayerEntry } from '@onebuild/oci';
import { temporaryFolder } from '@onebuild/testkit';
import type { FileContent } from '../tree/file-tree.ts';
import { layerTar } from './write-layer-tar.ts';

const plain = { mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 1000 } as const;

function fileEntry(path: string, bytes: Uint8Array): LayerEntry {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
  return { ...plain, path, type: 'file', size: bytes.length, digest };
}

async function tarOf(
  entries: readonly LayerEntry[],
  contents: Readonly<Record<string, FileContent>>,
  chunkSize = 1 << 20,
): Promise<Buffer> {
  const contentOf = ({ path }: LayerEntry) =>
    contents[path] ?? assert.fail(`content of ${path} was asked for`);
  const mtimeOf = (entry: LayerEntry) => entry.mtime;
  const chunks = await Array.fromAsync(layerTar({ entries }, contentOf, { mtimeOf, chunkSize }));
  for (const chunk of chunks) assert.ok(chunk.length <= chunkSize);
  return Buffer.concat(chunks);
}

const list = (tar: Buffer) =>
  execFileSync('tar', ['-tvf', '-', '--numeric-owner', '--utc', '--full-time'], { input: tar })
    .toString()
    .trimEnd()
    .split('\n');

test('every type of entry stands in the archive as tar lists it', async () => {
  const bytes = Buffer.from('hello');
  const entries: LayerEntry[] = [
    { ...plain, path: '', type: 'dir', mode: 0o755 },
    { ...plain, path: 'a', type: 'opaque', mode: 0 },
    { ...plain, path: 'a', type: 'dir', mode: 0o1777, uid: 5, gid: 6 },
    fileEntry('a/file', bytes),
    { ...plain, path: 'a/gone', type: 'whiteout', mode: 0 },
    { ...plain, path: 'a/hard', type: 'hardlink', link: 'a/file' },
    { ...plain, path: 'a/null', type: 'char', device: [1, 3] },
    { ...plain, path: 'a/pipe', type: 'fifo' },
    { ...plain, path: 'a/soft', type: 'symlink', link: '../x', mode: 0o777 },
    { ...plain, path: 'empty', type: 'file', mode: 0o4755 },
  ];
  const tar = await tarOf(entries, { 'a/file': { kind: 'bytes', bytes } });
  assert.equal(tar.length % 512, 0);
  const when = '1970-01-01 00:16:40';
  assert.deepEqual(
    list(tar).map((line) => line.replace(/ +/g, ' ')),
    [
      `drwxr-xr-x 0/0 0 ${when} ./`,
      `---------- 0/0 0 ${when} a/.wh..wh..opq`,
      `drwxrwxrwt 5/6 0 ${when} a/`,
      `-rw-r--r-- 0/0 5 ${when} a/file`,
      `---------- 0/0 0 ${when} a/.wh.gone`,
      `hrw-r--r-- 0/0 0 ${when} a/hard link to a/file`,
      `crw-r--r-- 0/0 1,3 ${when} a/null`,
      `prw-r--r-- 0/0 0 ${when} a/pipe`,
      `lrwxrwxrwx 0/0 0 ${when} a/soft -> ../x`,
      `-rwsr-xr-x 0/0 0 ${when} empty`,
    ],
  );
});

test('contents of any size come through, from host, store and memory, with chunks of any size', async (t) => {
  const folder = temporaryFolder(t);
  const sizes = [1, 511, 512, 513, 5000, 70_000, 1_000_000];
  const entries: LayerEntry[] = [];
  const contents: Record<string, FileContent> = {};
  const wanted = new Map<string, Buffer>();
  for (const size of sizes) {
    for (const kind of ['host', 'layer', 'bytes'] as const) {
      const path = `${String(size).padStart(8, '0')}-${kind}`;
      const bytes = randomBytes(size);
      writeFileSync(join(folder, path), bytes);
      entries.push(fileEntry(path, bytes));
      wanted.set(path, bytes);
      contents[path] =
        kind === 'host'
          ? { kind, path: join(folder, path) }
          : kind === 'layer'
            ? { kind, layer: folder, path }
            : { kind, bytes };
    }
  }
  entries.sort((one, other) => (one.path < other.path ? -1 : 1));
  const tar = await tarOf(entries, contents);
  for (const chunkSize of [512, 4096, 1 << 16]) {
    assert.ok((await tarOf(entries, contents, chunkSize)).equals(tar), `chunks of ${chunkSize}`);
  }
  const out = temporaryFolder(t);
  execFileSync('tar', ['-xf', '-', '-C', out], { input: tar });
  assert.equal(readdirSync(out).length, entries.length);
  for (const [path, bytes] of wanted) {
    assert.ok(execFileSync('cat', [join(out, path)], { maxBuffer: 1 << 24 }).equals(bytes), path);
  }
});

test('a hard link never comes before its target', async () => {
  const bytes = Buffer.from('one file');
  const target = fileEntry('m', bytes);
  const entries: LayerEntry[] = [
    { ...plain, path: 'b', type: 'hardlink', link: 'm' },
    target,
    { ...plain, path: 'z', type: 'hardlink', link: 'm' },
  ];
  const tar = await tarOf(entries, { b: { kind: 'bytes', bytes } });
  assert.deepEqual(
    list(tar).map((line) => line.replace(/^(.).*:40 /, '$1 ')),
    ['- b', 'h m link to b', 'h z link to b'],
  );
});

test('a file of the context that changed is refused', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'file');
  const contents: Record<string, FileContent> = { file: { kind: 'host', path } };
  const entries = [fileEntry('file', Buffer.from('before'))];
  const refused = (how: RegExp) =>
    assert.rejects(tarOf(entries, contents), (e) => isFault(e, 'CONTEXT_CHANGED') && how.test(e.message));
  writeFileSync(path, 'before');
  await tarOf(entries, contents);
  writeFileSync(path, 'after!');
  await refused(/content/);
  writeFileSync(path, 'befor');
  await refused(/shorter/);
  writeFileSync(path, 'before!');
  await refused(/longer/);
  rmSync(path);
  await refused(/no longer/);
  symlinkSync('/etc/passwd', path);
  await refused(/no longer/);
  rmSync(path);
  execFileSync('mkfifo', [path]);
  await refused(/shorter/);
});

test('a big file of the context is verified, too', async (t) => {
  const path = join(temporaryFolder(t), 'big');
  const bytes = randomBytes(3 << 20);
  writeFileSync(path, bytes);
  const entries = [fileEntry('big', bytes)];
  await tarOf(entries, { big: { kind: 'host', path } });
  bytes[2 << 20] = (bytes[2 << 20] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  await assert.rejects(tarOf(entries, { big: { kind: 'host', path } }), (e) => isFault(e, 'CONTEXT_CHANGED'));
});

test('files are closed when the consumer leaves', async (t) => {
  const path = join(temporaryFolder(t), 'big');
  const bytes = randomBytes(3 << 20);
  writeFileSync(path, bytes);
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  const tar = layerTar({ entries: [fileEntry('big', bytes)] }, () => ({ kind: 'host', path }), {
    mtimeOf: () => 0,
  });
  for await (const _ of tar) {
    assert.equal(open(), before + 1);
    break;
  }
  assert.equal(open(), before);
});
