import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { collectMembers } from '../../test/collect-members.ts';
import { makeArchive, type Part } from '../../test/make-archive.ts';
import { digestOf } from '../digest.ts';
import { decodePath } from '../path-bytes.ts';
import { type TarHeaderEntry, tarHeader, tarPadding } from './tar-header.ts';

const plain: TarHeaderEntry = {
  path: 'usr/bin/env',
  type: 'file',
  mode: 0o4755,
  uid: 1000,
  gid: 50,
  size: 7,
  mtime: 1_700_000_000,
};

test('a plain member is one ustar block', () => {
  const block = Buffer.from(tarHeader(plain));
  assert.equal(block.length, 512);
  assert.equal(block.toString('latin1', 0, 12), 'usr/bin/env\0');
  assert.equal(block.toString('latin1', 100, 124), '0004755\0' + '0001750\0' + '0000062\0');
  assert.equal(block.toString('latin1', 124, 148), '00000000007\0' + '14524770400\0');
  assert.equal(block.toString('latin1', 257, 265), 'ustar\u000000');
  assert.equal(block.toString('latin1', 329, 345), '0000000\0'.repeat(2));
  assert.equal(Buffer.from(tarHeader({ ...plain, path: '', type: 'dir' })).toString('latin1', 0, 3), './\0');
});

test('a long name is cut at a slash where that is enough', () => {
  const path = `${'d/'.repeat(70)}${'f'.repeat(99)}`;
  const block = Buffer.from(tarHeader({ ...plain, path }));
  assert.equal(block.length, 512);
  assert.equal(block.toString('latin1', 0, 100), `${'f'.repeat(99)}\0`);
  assert.equal(block.toString('latin1', 345, 500), `${'d/'.repeat(70).slice(0, -1)}\0`.padEnd(155, '\0'));
  assert.equal(tarHeader({ ...plain, path: `${path}ff` }).length, 3 * 512);
  assert.equal(tarHeader({ ...plain, path, xattrs: { 'user.a': 'AA==' } }).length, 3 * 512);
});

test('what a field does not hold goes to a pax header', () => {
  const path = `${'d/'.repeat(60)}f`;
  const bytes = Buffer.from(tarHeader({ ...plain, path, uid: 2_097_152, size: 2 ** 33, mtime: -5 }));
  assert.equal(bytes.length, 3 * 512);
  assert.equal(bytes[156], 0x78);
  assert.equal(
    bytes.toString('latin1', 512, 1024).replace(/\0+$/, ''),
    `12 mtime=-5\n131 path=${path}\n19 size=8589934592\n15 uid=2097152\n`,
  );
});

test("the bytes are those of Go's archive/tar", () => {
  const mtime = 1_700_000_000;
  const capability = Buffer.from([1, 0, 0, 2, 0]).toString('base64');
  const archive = makeArchive([
    { path: 'a', mode: 0o4755, uid: 5, gid: 6, mtime, content: 'hello' },
    { path: Array(40).fill('dir').join('/'), type: 'dir', mode: 0o755, mtime },
    { path: `${'d/'.repeat(60)}\u00e9`, uid: 3_000_000, gid: 2_097_152, mtime, content: 'x' },
    { path: 'l', type: 'symlink', link: 't'.repeat(150), mode: 0o777, mtime },
    { path: 'h', type: 'hardlink', link: 'a', mtime },
    { path: 'dev/null', type: 'char', device: [1, 3], mode: 0o666, mtime },
    { path: 'cap', mode: 0o755, xattrs: { 'security.capability': capability }, mtime, content: 'y' },
    { path: 'old', mode: 0o755, mtime: -5 },
  ]);
  // SHA-256 of what Go 1.26 writes for the same headers with Format: tar.FormatPAX.
  assert.equal(digestOf(archive), 'sha256:d1145326acf0dbe14cbb3659dd588c03a298bc99cf37c2a572617c4b43c46e2a');
});

test('padding fills the last block', () => {
  assert.deepEqual([0, 1, 511, 512, 513, 2 ** 33 + 1].map(tarPadding), [0, 511, 1, 0, 511, 511]);
});

const name = fc
  .oneof(
    fc.stringMatching(/^[a-z0-9._ -]{1,40}$/),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc.uint8Array({ minLength: 1, maxLength: 8 }).map((bytes) => decodePath(bytes)),
    fc.constantFrom('x'.repeat(100), 'x'.repeat(101), 'x'.repeat(98), `${'y'.repeat(60)}`),
  )
  .map((text) => text.replaceAll(/[/\0]/g, '_'))
  .filter((text) => text !== '.' && text !== '..');
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
const id = fc.oneof(fc.nat(70_000), fc.integer({ min: 2_097_150, max: 0xffff_ffff }));
const member: fc.Arbitrary<Part> = fc
  .record({
    path,
    type: fc.constantFrom('file', 'dir', 'symlink', 'hardlink', 'char', 'block', 'fifo'),
    mode: fc.nat(0o7777),
    uid: id,
    gid: id,
    mtime: fc.oneof(fc.nat(), fc.integer({ min: -(2 ** 31), max: 2 ** 40 })),
    link: path,
    content: fc.uint8Array({ maxLength: 1100 }),
    device: fc.tuple(fc.nat(0xfff), fc.nat(0xfffff)),
    xattrs: fc.option(fc.constant({ 'security.capability': 'AQAAAgAgAAAAAAAAAAAAAAAAAAA=' }), {
      nil: undefined,
    }),
  })
  .map(({ link, content, device, xattrs, ...rest }) => ({
    ...rest,
    ...(rest.type === 'file' && { content }),
    ...((rest.type === 'symlink' || rest.type === 'hardlink') && { link }),
    ...((rest.type === 'char' || rest.type === 'block') && { device }),
    ...(xattrs && { xattrs }),
  }));

test('whatever is written is read back', () => {
  fc.assert(
    fc.property(fc.array(member, { maxLength: 5 }), fc.integer({ min: 100, max: 3000 }), (parts, chunk) => {
      const back = collectMembers(makeArchive(parts), { chunk });
      assert.deepEqual(
        back.map(({ entry, content }) => ({ ...entry, name: undefined, content: [...content] })),
        parts.map(({ content = [], ...part }) => ({
          ...part,
          name: undefined,
          size: content.length,
          content: [...Buffer.from(content as Uint8Array)],
        })),
      );
    }),
    { numRuns: 500 },
  );
});

test('GNU tar reads what is written, and is read', { timeout: 30_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'onebuild-tar-'));
  try {
    const long = `${'long-folder-name/'.repeat(9)}f\u00efle`;
    const archive = makeArchive([
      { path: 'dir', type: 'dir', mode: 0o755 },
      { path: 'dir/set', mode: 0o4755, content: 'abc', mtime: 1_700_000_000 },
      { path: long, content: 'x'.repeat(5000), uid: 3_000_000 },
      { path: 'dir/hard', type: 'hardlink', link: 'dir/set' },
      { path: 'dir/soft', type: 'symlink', link: `../${long}` },
    ]);
    const listing = execFileSync('tar', ['-tvf', '-', '--numeric-owner', '--quoting-style=literal'], {
      input: archive,
      env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' },
    }).toString();
    assert.match(listing, /^-rwsr-xr-x 0\/0 +3 2023-11-14 22:13 dir\/set$/m);
    assert.match(listing, new RegExp(`^-rw-r--r-- 3000000/0 +5000 1970-01-01 00:00 ${long}$`, 'm'));
    assert.match(listing, /^hrw-r--r-- .* dir\/hard link to dir\/set$/m);
    execFileSync('tar', ['-xf', '-', '-C', folder, '--no-same-owner'], { input: archive });
    assert.equal(readFileSync(join(folder, 'dir/soft'), 'utf8'), 'x'.repeat(5000));
    for (const format of ['gnu', 'pax', 'posix']) {
      const packed = execFileSync('tar', ['-cf', '-', `--format=${format}`, '-C', folder, '.'], {
        maxBuffer: 1 << 24,
      });
      const members = new Map(
        collectMembers(packed, { chunk: 700 }).map((found) => [found.entry.path, found]),
      );
      assert.equal(members.get(long)?.content.toString(), 'x'.repeat(5000), format);
      assert.equal(members.get('dir/soft')?.entry.link, `../${long}`, format);
      assert.equal(members.get('')?.entry.type, 'dir');
      const twins = [members.get('dir/set')?.entry.type, members.get('dir/hard')?.entry.type];
      assert.ok(twins.includes('file') && twins.includes('hardlink'));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
