import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { test } from 'node:test';
import { digestOf, type LayerEntry } from '@onebuild/oci';
import { requirePart, temporaryFolder } from '@onebuild/testkit';
import { loadPosix } from '../posix/posix.ts';
import type { FileTree, TreeEntry } from '../tree/file-tree.ts';
import { type DiffOptions, diffUpper } from './diff-upper.ts';

const posix = await loadPosix();
const isRoot = process.getuid?.() === 0;
const rootNeeded = 'overlay marks need root';

type BaseFile = Partial<TreeEntry> & { readonly text?: string };

/** A base of folders (no text) and files, all 0644 or 0755, owned by root. */
function baseOf(files: Readonly<Record<string, BaseFile>>): Pick<FileTree, 'get' | 'digests'> {
  return {
    get(path) {
      if (path === '') return { path, type: 'dir', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 };
      const file = files[path];
      if (file === undefined) return undefined;
      const { text, ...entry } = file;
      const type = text === undefined ? 'dir' : 'file';
      const mode = type === 'dir' ? 0o755 : 0o644;
      return { path, type, mode, uid: 0, gid: 0, mtime: 5, ...entry, size: text?.length ?? 0 };
    },
    digests: async (paths) => paths.map((path) => digestOf(files[path]?.text ?? '')),
  };
}

const epoch = 1000;

async function diff(upper: string, base: DiffOptions['base'], options: Partial<DiffOptions> = {}) {
  fs.chmodSync(upper, 0o755);
  const { entries } = await diffUpper(upper, { base, rootless: false, setMtime: () => epoch, ...options });
  return entries;
}

const brief = (entries: readonly LayerEntry[]) => entries.map(({ type, path }) => `${type} ${path}`);

test('new files come with the folders above them', async (t) => {
  const upper = temporaryFolder(t);
  fs.mkdirSync(`${upper}/etc/app`, { recursive: true });
  fs.writeFileSync(`${upper}/etc/app/conf`, 'hello', { mode: 0o640 });
  fs.symlinkSync('conf', `${upper}/etc/app/link`);
  const entries = await diff(upper, baseOf({ etc: {} }));
  assert.deepEqual(brief(entries), ['dir etc', 'dir etc/app', 'file etc/app/conf', 'symlink etc/app/link']);
  const [etc, , conf, link] = entries;
  assert.deepEqual([conf?.size, conf?.digest, conf?.mode], [5, digestOf('hello'), 0o640]);
  assert.equal(link?.link, 'conf');
  assert.deepEqual([etc?.mtime, conf?.mtime], [5, epoch]);
  assert.equal(fs.lstatSync(`${upper}/etc/app/link`).mtimeMs, epoch * 1000);
  assert.equal(fs.lstatSync(`${upper}/etc`).mtimeMs, 5000);
});

test('what did not change is left out', async (t) => {
  const upper = temporaryFolder(t);
  fs.mkdirSync(`${upper}/a`);
  for (const name of ['same', 'content', 'mode', 'size']) fs.writeFileSync(`${upper}/a/${name}`, 'text1');
  fs.chmodSync(`${upper}/a/mode`, 0o600);
  const base = baseOf({
    a: {},
    'a/same': { text: 'text1' },
    'a/content': { text: 'text2' },
    'a/mode': { text: 'text1' },
    'a/size': { text: 'text' },
  });
  const kept = ['dir a', 'file a/content', 'file a/mode', 'file a/size'];
  assert.deepEqual(brief(await diff(upper, base)), kept);
  fs.rmSync(`${upper}/a/content`);
  fs.rmSync(`${upper}/a/mode`);
  fs.rmSync(`${upper}/a/size`);
  assert.deepEqual(await diff(upper, base), []);
  assert.equal(fs.lstatSync(`${upper}/a/same`).mtimeMs, 5000, 'later steps see the time of the base');
  fs.utimesSync(`${upper}/a/same`, 77, 77);
  const withTimes = await diff(upper, base, { compareMtime: true, setMtime: (mtime) => mtime });
  assert.deepEqual(brief(withTimes), ['dir a', 'file a/same']);
});

test('folders whose attributes changed, the root too', async (t) => {
  const upper = temporaryFolder(t);
  fs.mkdirSync(`${upper}/tmp`);
  fs.chmodSync(`${upper}/tmp`, 0o1777);
  assert.deepEqual(brief(await diff(upper, baseOf({ tmp: {} }))), ['dir tmp']);
  fs.chmodSync(upper, 0o700);
  const { entries } = await diffUpper(upper, { base: baseOf({ tmp: { mode: 0o1777 } }), rootless: false });
  assert.deepEqual(brief(entries), ['dir ']);
});

test('whiteouts and opaque folders that hide something', async (t) => {
  if (!requirePart(t, isRoot, rootNeeded)) return;
  const upper = temporaryFolder(t);
  const whiteout = (path: string) => posix.makeNode(`${upper}/${path}`, fs.constants.S_IFCHR, [0, 0]);
  const opaque = (path: string) =>
    posix.setXattr(`${upper}/${path}`, 'trusted.overlay.opaque', Buffer.from('y'));
  whiteout('gone');
  whiteout('never');
  for (const name of ['old', 'new', 'file']) {
    fs.mkdirSync(`${upper}/${name}`);
    opaque(name);
  }
  fs.writeFileSync(`${upper}/old/same`, 'text');
  const base = baseOf({ gone: { text: '' }, old: {}, 'old/same': { text: 'text' }, file: { text: 'x' } });
  assert.deepEqual(brief(await diff(upper, base)), [
    'dir file',
    'whiteout gone',
    'dir new',
    'dir old',
    'opaque old',
    'file old/same',
  ]);
});

test('hard links: the bytewise first name carries the file', async (t) => {
  const upper = temporaryFolder(t);
  fs.writeFileSync(`${upper}/b`, 'text');
  fs.linkSync(`${upper}/b`, `${upper}/c`);
  fs.linkSync(`${upper}/b`, `${upper}/B`);
  const entries = await diff(upper, baseOf({ b: { text: 'text' } }));
  assert.deepEqual(brief(entries), ['file B', 'hardlink b', 'hardlink c']);
  assert.deepEqual([entries[1]?.link, entries[1]?.size, entries[0]?.size], ['B', 0, 4]);
});

test('special files, names that are not UTF-8, large files', async (t) => {
  const upper = temporaryFolder(t);
  posix.makeNode(`${upper}/fifo`, fs.constants.S_IFIFO | 0o600);
  fs.writeFileSync(Buffer.concat([Buffer.from(`${upper}/n`), Buffer.from([0xfe])]), 'x');
  const large = Buffer.alloc(3 * 1024 * 1024 + 7, 'ab');
  fs.writeFileSync(`${upper}/large`, large);
  const entries = await diff(upper, baseOf({}));
  assert.deepEqual(brief(entries), ['fifo fifo', 'file large', 'file n\udcfe']);
  assert.equal(entries[1]?.digest, digestOf(large));
});
