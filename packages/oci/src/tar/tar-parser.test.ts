import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { collectMembers } from '../../test/collect-members.ts';
import { extension, makeArchive, makeMember, paxBody, rawHeader } from '../../test/make-archive.ts';
import { readTar } from './read-tar.ts';
import { tarTrailer } from './tar-header.ts';
import { createTarParser } from './tar-parser.ts';

const ustar = [257, 'ustar\u000000'] as const;
const octal = (value: number, digits = 11) => `${value.toString(8).padStart(digits, '0')}\0`;

function only(archive: Uint8Array) {
  const [member, ...more] = collectMembers(archive);
  assert.equal(more.length, 0);
  assert.ok(member);
  return member;
}

function refused(archive: Uint8Array, why: RegExp, limits = {}): void {
  assert.throws(
    () => collectMembers(archive, { limits }),
    (error) => isFault(error, 'TAR_INVALID') && why.test(error.message),
  );
}

test('chunk boundaries may be anywhere', () => {
  const archive = makeArchive([
    { path: 'a', content: 'hello' },
    { path: `${'d'.repeat(120)}/b`, content: 'x'.repeat(700), xattrs: { 'user.a': 'AAE=' } },
    { path: 'dir', type: 'dir', mode: 0o1777 },
    { path: 'dir/link', type: 'symlink', link: '../a' },
  ]);
  const whole = collectMembers(archive);
  assert.deepEqual(
    whole.map(({ entry, content }) => [entry.path, entry.type, content.length]),
    [
      ['a', 'file', 5],
      [`${'d'.repeat(120)}/b`, 'file', 700],
      ['dir', 'dir', 0],
      ['dir/link', 'symlink', 0],
    ],
  );
  for (const chunk of [1, 7, 511, 512, 513, 1000, 1024]) {
    assert.deepEqual(collectMembers(archive, { chunk }), whole);
  }
});

test('file data is passed without a copy', () => {
  const archive = makeArchive([{ path: 'a', content: 'x'.repeat(2000) }]);
  const seen: Uint8Array[] = [];
  const parser = createTarParser({ entry() {}, data: (chunk) => seen.push(chunk), end() {} });
  parser.write(archive);
  assert.equal(seen.length, 1);
  assert.equal(seen[0]?.buffer, archive.buffer);
});

test('V7, ustar prefix, star prefix and GNU headers', () => {
  const v7 = only(
    rawHeader([
      [0, 'old/'],
      [156, '\0'],
      [100, octal(0o755, 7)],
      [345, 'no-prefix'],
      [265, 'me'],
    ]),
  );
  assert.equal(v7.entry.type, 'dir');
  assert.equal(v7.entry.path, 'old');
  assert.equal(v7.entry.userName, undefined);
  const posix = only(
    rawHeader([ustar, [0, 'name'], [345, 'pre/fix'], [265, 'me'], [297, 'us'], [136, octal(77)]]),
  );
  assert.deepEqual(
    [posix.entry.path, posix.entry.userName, posix.entry.groupName, posix.entry.mtime],
    ['pre/fix/name', 'me', 'us', 77],
  );
  const star = only(rawHeader([ustar, [0, 'n'], [345, 'p'.repeat(131)], [476, octal(1)], [508, 'tar\0']]));
  assert.equal(star.entry.path, `${'p'.repeat(131)}/n`);
  const gnu = only(
    rawHeader([
      [257, 'ustar  \0'],
      [0, 'n'],
      [345, octal(123)],
    ]),
  );
  assert.equal(gnu.entry.path, 'n');
});

test('numbers: octal with blanks, base-256, signed checksums', () => {
  const big = Buffer.alloc(12);
  big[0] = 0xff;
  big.fill(0xff, 1);
  const header = rawHeader([
    [0, 'n'],
    [108, Buffer.from([0x80, 0, 0, 0, 0, 0x20, 0, 1])],
    [116, '  17 \0'],
    [136, big],
  ]);
  const { entry } = only(header);
  assert.deepEqual([entry.uid, entry.gid, entry.mtime], [0x20_0001, 0o17, -1]);
  const named = rawHeader([[0, Buffer.from([0xc3, 0xa9])]]);
  const signed = named.reduce((sum, _, at) => sum + (at >= 148 && at < 156 ? 32 : named.readInt8(at)), 0);
  named.write(`${signed.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  assert.equal(only(named).entry.path, '\u00e9');
});

test('device nodes carry their numbers', () => {
  const { entry } = only(
    rawHeader([ustar, [0, 'dev/null'], [156, '3'], [329, octal(1, 7)], [337, octal(3, 7)]]),
  );
  assert.deepEqual([entry.type, entry.device], ['char', [1, 3]]);
});

test('pax records replace the fields of the header', () => {
  const records = {
    path: 'long/\u00e9',
    uid: '3000000',
    gid: '4',
    mtime: '-1.5',
    size: '3',
    uname: 'someone',
    comment: 'no matter',
    'SCHILY.xattr.user.x': 'v=1',
    'LIBARCHIVE.xattr.user.y%2Fz': 'AAE=',
    'LIBARCHIVE.xattr.user.x': 'bm8=',
  };
  const body = Buffer.concat([
    rawHeader([ustar, [0, 'short'], [265, 'other']]),
    Buffer.from('abc'),
    Buffer.alloc(509),
  ]);
  const { entry, content } = only(Buffer.concat([extension('x', paxBody(records)), body]));
  assert.deepEqual(entry, {
    path: 'long/\u00e9',
    type: 'file',
    mode: 0,
    uid: 3000000,
    gid: 4,
    size: 3,
    mtime: -2,
    name: 'long/\u00e9',
    xattrs: { 'user.x': 'dj0x', 'user.y/z': 'AAE=' },
    userName: 'someone',
  });
  assert.equal(content.toString(), 'abc');
});

test('a global pax header holds for all that follow, an empty value takes it back', () => {
  const archive = Buffer.concat([
    extension('g', paxBody({ uid: '7', comment: 'c', mtime: '9' })),
    rawHeader([[0, 'a']]),
    extension('x', paxBody({ uid: '' })),
    rawHeader([
      [0, 'b'],
      [108, octal(3, 7)],
    ]),
    rawHeader([[0, 'c']]),
  ]);
  const uids = collectMembers(archive).map(({ entry }) => [entry.path, entry.uid, entry.mtime]);
  assert.deepEqual(uids, [
    ['a', 7, 9],
    ['b', 3, 9],
    ['c', 7, 9],
  ]);
  refused(extension('g', paxBody({ path: 'x' })), /global pax header sets path/);
});

test('GNU long names and links', () => {
  const name = `${'n'.repeat(150)}/f`;
  const archive = Buffer.concat([
    extension('K', `${'t'.repeat(200)}\0`),
    extension('L', `${name}\0junk`),
    rawHeader([
      [257, 'ustar  \0'],
      [0, 'n'],
      [156, '2'],
      [157, 't'],
    ]),
    rawHeader([
      [257, 'ustar  \0'],
      [0, 'next'],
    ]),
  ]);
  const [first, second] = collectMembers(archive);
  assert.deepEqual([first?.entry.path, first?.entry.link], [name, 't'.repeat(200)]);
  assert.equal(second?.entry.path, 'next');
});

test('paths are made clean, those that leave the root are refused', () => {
  const clean: Readonly<Record<string, string>> = {
    './a/b': 'a/b',
    '/etc/passwd': 'etc/passwd',
    'a//b/./c': 'a/b/c',
    'a/../b': 'b',
    '...': '...',
    '..a/b..': '..a/b..',
    'a\\..\\b': 'a\\..\\b',
  };
  for (const [name, path] of Object.entries(clean)) {
    const { entry } = only(rawHeader([[0, name]]));
    assert.deepEqual([entry.path, entry.name], [path, name]);
  }
  assert.equal(
    only(
      rawHeader([
        [0, './'],
        [156, '5'],
      ]),
    ).entry.path,
    '',
  );
  for (const name of ['..', '../a', '/../a', 'a/../../b', './..']) {
    refused(rawHeader([[0, name]]), /leaves the root/);
    refused(
      rawHeader([
        [0, 'l'],
        [156, '1'],
        [157, name],
      ]),
      /link target leaves the root/,
    );
  }
  refused(Buffer.concat([extension('x', paxBody({ path: 'a\0b' })), rawHeader([[0, 'a']])]), /NUL/);
  assert.equal(
    only(
      rawHeader([
        [0, 'l'],
        [156, '2'],
        [157, '../../x'],
      ]),
    ).entry.link,
    '../../x',
  );
});

test('names that are not UTF-8 survive', () => {
  const { entry } = only(rawHeader([[0, Buffer.from([0x61, 0xff])]]));
  assert.equal(entry.path, 'a\udcff');
});

test('the end: two blocks of zeros, one, or none; what follows them is not read', () => {
  const member = Buffer.concat(makeMember({ path: 'a', content: 'x' }));
  for (const end of ['', '\0'.repeat(512), '\0'.repeat(1024), `${'\0'.repeat(1024)}garbage`.repeat(3)]) {
    assert.equal(collectMembers(Buffer.concat([member, Buffer.from(end)])).length, 1);
  }
  assert.equal(collectMembers(member.subarray(0, 513)).length, 1);
  assert.deepEqual(collectMembers(Buffer.alloc(0)), []);
  refused(Buffer.concat([Buffer.alloc(512), member]), /header follows a block of zeros/);
});

test('a truncated archive says where', () => {
  const archive = Buffer.concat(makeMember({ path: 'dir/file', content: 'x'.repeat(1000) }));
  assert.throws(
    () => collectMembers(archive.subarray(0, 700)),
    (error) => isFault(error, 'TAR_INVALID') && /"dir\/file", 812 bytes.*byte 700/.test(error.message),
  );
  refused(archive.subarray(0, 300), /ends inside a header/);
  refused(extension('x', paxBody({ path: 'a' })), /after an extended header/);
  refused(extension('x', paxBody({ path: 'a' })).subarray(0, 515), /inside an extended header/);
});

test('hostile headers are refused', () => {
  const damaged = Buffer.from(rawHeader([[0, 'a']]));
  damaged[0] = 0x62;
  refused(damaged, /checksum/);
  refused(
    rawHeader([
      [0, 'a'],
      [124, 'nonsense'],
    ]),
    /size is not a number/,
  );
  refused(
    rawHeader([
      [0, 'a'],
      [124, Buffer.alloc(12, 0xff)],
    ]),
    /size is negative/,
  );
  refused(
    rawHeader([
      [0, 'a'],
      [124, Buffer.from([0x80, ...Array<number>(11).fill(0xff)])],
    ]),
    /not a number/,
  );
  refused(
    rawHeader([
      [0, 'a'],
      [156, 'Z'],
    ]),
    /type "Z"/,
  );
  refused(
    rawHeader([
      [0, 'a'],
      [156, 'S'],
    ]),
    /sparse/,
  );
  refused(
    rawHeader([
      [0, 'a'],
      [156, '2'],
    ]),
    /link target is empty/,
  );
  refused(
    rawHeader([
      [156, 'x'],
      [124, octal(0o77777777)],
    ]),
    /more than 1048576 bytes/,
  );
  const withRecords = (body: string) => Buffer.concat([extension('x', body), rawHeader([[0, 'a']])]);
  refused(withRecords('99 a=b\n'), /wrong length/);
  refused(withRecords('5 a=b'), /wrong length/);
  refused(withRecords('0 a=b\n'), /wrong length/);
  refused(withRecords('-6 a=b\n'), /wrong length/);
  refused(withRecords('5 ab\n'), /no key/);
  refused(withRecords('5 =b\n'), /no key/);
  refused(withRecords(paxBody({ 'GNU.sparse.major': '1' })), /sparse/);
  refused(withRecords(paxBody({ size: '1e9' })), /not a number/);
  refused(withRecords(paxBody({ size: '-1' })), /not a number/);
  refused(withRecords(paxBody({ uid: '4294967296' })), /between 0 and/);
  refused(withRecords(paxBody({ mtime: 'NaN' })), /not a number/);
  refused(withRecords(paxBody({ path: 'a'.repeat(5000) })), /longer than 4096/);
  refused(withRecords(paxBody({ a: '1', b: '2', c: '3' })), /more than 2 records/, { maxPaxRecords: 2 });
  refused(makeArchive([{ path: 'a' }, { path: 'b' }, { path: 'c' }]), /more than 2 members/, {
    maxMembers: 2,
  });
});

test('an extended attribute named like a built-in stays one', () => {
  const body = paxBody({ 'SCHILY.xattr.__proto__': 'x' });
  const { entry } = only(Buffer.concat([extension('x', body), rawHeader([[0, 'a']])]));
  assert.deepEqual(Object.entries(entry.xattrs ?? {}), [['__proto__', 'eA==']]);
});

test('readTar reads a stream', async () => {
  const archive = makeArchive([{ path: 'a', content: 'hello' }]);
  const paths: string[] = [];
  async function* chunks() {
    yield archive.subarray(0, 100);
    yield archive.subarray(100);
  }
  await readTar(chunks(), { entry: ({ path }) => paths.push(path), data() {}, end() {} });
  assert.deepEqual(paths, ['a']);
  assert.equal(tarTrailer.length, 1024);
});
