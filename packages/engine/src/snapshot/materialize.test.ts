import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { digestOf, type LayerEntry } from '@onebuild/oci';
import { requirePart, temporaryFolder } from '@onebuild/testkit';
import type { FileContent } from '../tree/file-tree.ts';
import { diffUpper } from './diff-upper.ts';
import { inPieces, layerTar } from './layer-tar.fixture.ts';
import { materialize } from './materialize.ts';
import { unpackLayer } from './unpack-layer.ts';

const isRoot = process.getuid?.() === 0;
const rootNeeded = 'owners need root';
const nothing = { get: () => undefined, digests: async () => [] };
const everything = { rootless: false, keepXattr: () => true };

test('unpacking, copying and reading a layer agree', async (t) => {
  if (!requirePart(t, isRoot, rootNeeded)) return;
  const folder = temporaryFolder(t);
  for (const name of ['one', 'two']) fs.mkdirSync(`${folder}/${name}`);
  const tar = layerTar(
    { path: 'd', type: 'dir', mode: 0o1777, uid: 1, gid: 2, mtime: 10, xattrs: { 'user.a': 'eA==' } },
    { path: 'd/f', type: 'file', mode: 0o4711, uid: 3, gid: 4, mtime: 20, text: 'hello' },
    { path: 'd/g', type: 'hardlink', link: 'd/f', mode: 0o4711, uid: 3, gid: 4, mtime: 20 },
    { path: 'd/l', type: 'symlink', mode: 0o777, link: '/etc', uid: 5, gid: 6, mtime: 30 },
    { path: 'd/p', type: 'fifo', mode: 0o620, mtime: 40 },
    { path: 'd/tty', type: 'block', mode: 0o600, device: [7, 300], mtime: 50 },
    { path: 'e\udcff', type: 'file', mode: 0o644, mtime: 60, text: '' },
  );
  const unpacked = await unpackLayer(inPieces(tar), `${folder}/one`, everything);
  const contentOf = (entry: LayerEntry): FileContent => ({
    kind: 'layer',
    layer: `${folder}/one`,
    path: entry.path,
  });
  await materialize(unpacked, contentOf, { dir: `${folder}/two`, rootless: false });
  assert.deepEqual(await diffUpper(`${folder}/two`, { base: nothing, ...everything }), unpacked);
});

const file = (text: string): LayerEntry => ({
  path: 'f',
  type: 'file',
  mode: 0o600,
  uid: process.getuid?.() ?? 0,
  gid: process.getgid?.() ?? 0,
  size: Buffer.byteLength(text),
  mtime: 1,
  digest: digestOf(text),
});

test('files of the host are compared while they are copied', async (t) => {
  for (const size of [5, 3_000_000]) {
    const folder = temporaryFolder(t);
    const text = 'x'.repeat(size);
    const copy = async (entry: LayerEntry, name: string) => {
      const dir = `${folder}/${name}`;
      fs.mkdirSync(dir);
      const content = (): FileContent => ({ kind: 'host', path: `${folder}/source` });
      await materialize({ entries: [entry] }, content, { dir, rootless: false });
      return fs.readFileSync(`${dir}/f`, 'utf8');
    };
    await assert.rejects(copy(file(text), 'gone'), (error) => isFault(error, 'CONTEXT_CHANGED'));
    fs.writeFileSync(`${folder}/source`, text);
    assert.equal(await copy(file(text), 'ok'), text);
    for (const [name, other] of [
      ['longer', `${text}y`],
      ['shorter', text.slice(1)],
      ['other', `y${text.slice(1)}`],
    ] as const) {
      await assert.rejects(copy(file(other), name), (error) => isFault(error, 'CONTEXT_CHANGED'), name);
    }
    fs.rmSync(`${folder}/source`);
    fs.symlinkSync('/etc/passwd', `${folder}/source`);
    await assert.rejects(copy(file(text), 'link'), (error) => isFault(error, 'CONTEXT_CHANGED'));
  }
});

test('bytes, and paths that lead out', async (t) => {
  const folder = temporaryFolder(t);
  fs.mkdirSync(`${folder}/dir`);
  const content = (): FileContent => ({ kind: 'bytes', bytes: Buffer.from('hello') });
  const make = (entry: LayerEntry) =>
    materialize({ entries: [entry] }, content, { dir: `${folder}/dir`, rootless: false });
  await make(file('hello'));
  assert.equal(fs.readFileSync(`${folder}/dir/f`, 'utf8'), 'hello');
  for (const path of ['../out', '/out', 'a/../../out', 'a//b', 'a/.', '.']) {
    await assert.rejects(make({ ...file('hello'), path }), (error) => isFault(error, 'TAR_INVALID'), path);
  }
  assert.deepEqual(fs.readdirSync(folder), ['dir']);
});
