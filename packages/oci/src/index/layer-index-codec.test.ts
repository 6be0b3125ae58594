import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import fc from 'fast-check';
import { digestOf } from '../digest.ts';
import type { LayerEntry, LayerIndex } from '../layer-index.ts';
import { decodeLayerIndex } from './decode-layer-index.ts';
import { encodeLayerIndex } from './encode-layer-index.ts';
import { indexDigest } from './index-digest.ts';

const owner = { mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 5 };
const entries: readonly LayerEntry[] = [
  { ...owner, path: '', type: 'dir', mode: 0o755 },
  { ...owner, path: '', type: 'opaque', mode: 0, mtime: 0 },
  {
    ...owner,
    path: 'a',
    type: 'file',
    size: 1,
    digest: digestOf('x'),
    xattrs: { 'security.capability': 'AQ==' },
  },
  { ...owner, path: 'b', type: 'hardlink', link: 'a' },
  { ...owner, path: 'c', type: 'symlink', link: '/x', uid: 0xffff_ffff, mtime: -3 },
  { ...owner, path: 'd', type: 'char', device: [1, 3] },
  { ...owner, path: 'e', type: 'block', device: [8, 0] },
  { ...owner, path: 'f', type: 'fifo' },
  { ...owner, path: 'g', type: 'whiteout', mode: 0, mtime: 0 },
  { ...owner, path: 'h\udcff\u00e9', type: 'file', digest: digestOf('') },
];

test('an index comes back as it was, with the same digest', () => {
  const index: LayerIndex = { entries };
  const back = decodeLayerIndex(encodeLayerIndex(index));
  assert.deepEqual(back, index);
  assert.equal(indexDigest(back), indexDigest(index));
  assert.deepEqual(decodeLayerIndex(encodeLayerIndex({ entries: [] })), { entries: [] });
});

test('the digest is of this text for ever', () => {
  const text = [
    'onebuild layer index 1\n',
    '["","dir",493,0,0,0,5]\n',
    '["","opaque",0,0,0,0,0]\n',
    `["a","file",420,0,0,1,5,"${digestOf('x')}",[null,null,[["security.capability","AQ=="]]]]\n`,
    '["b","hardlink",420,0,0,0,5,["a",null,[]]]\n',
    '["c","symlink",420,4294967295,0,0,-3,["/x",null,[]]]\n',
    '["d","char",420,0,0,0,5,[null,[1,3],[]]]\n',
    '["e","block",420,0,0,0,5,[null,[8,0],[]]]\n',
    '["f","fifo",420,0,0,0,5]\n',
    '["g","whiteout",0,0,0,0,0]\n',
    `["h\\udcff\u00e9","file",420,0,0,0,5,"${digestOf('')}"]\n`,
  ].join('');
  assert.equal(indexDigest({ entries }), digestOf(text));
});

test('whatever an entry says changes the digest', () => {
  const file: LayerEntry = { ...owner, path: 'a', type: 'file', digest: digestOf('x') };
  const others: LayerEntry[] = [
    { ...file, path: 'b' },
    { ...file, mode: 0o600 },
    { ...file, uid: 1 },
    { ...file, gid: 1 },
    { ...file, size: 9 },
    { ...file, mtime: 6 },
    { ...file, digest: digestOf('y') },
    { ...file, xattrs: { 'security.capability': 'AQ==' } },
    { ...owner, path: 'a', type: 'symlink', link: 'x' },
    { ...owner, path: 'a', type: 'symlink', link: 'y' },
  ];
  const digests = [file, ...others].map((entry) => indexDigest({ entries: [entry] }));
  assert.equal(new Set(digests).size, digests.length);
});

function changed(change: (columns: Record<string, unknown[]> & { types: string }) => void): Uint8Array {
  const columns = JSON.parse(Buffer.from(encodeLayerIndex({ entries })).toString());
  change(columns);
  return Buffer.from(JSON.stringify(columns));
}

test('an index that breaks a promise is refused', () => {
  const hostile: readonly Uint8Array[] = [
    Buffer.from(''),
    Buffer.from('{'),
    Buffer.from('null'),
    Buffer.from('[]'),
    Buffer.from('{"format":"other"}'),
    changed((c) => c.paths?.splice(2, 1, '../a')),
    changed((c) => c.paths?.splice(2, 1, '/a')),
    changed((c) => c.paths?.splice(2, 1, 'z')),
    changed((c) => c.paths?.splice(2, 1, '')),
    changed((c) => c.paths?.splice(2, 1, 'b')),
    changed((c) => c.paths?.splice(2, 1, 7)),
    changed((c) => c.paths?.pop()),
    changed((c) => Object.assign(c, { types: c.types.replace('f', 'x') })),
    changed((c) => Object.assign(c, { types: c.types.replace('f', 'p') })),
    changed((c) => Object.assign(c, { types: c.types.replace('p', 'f') })),
    changed((c) => Object.assign(c, { digests: 'x'.repeat(128) })),
    changed((c) => Object.assign(c, { digests: 'a' })),
    changed((c) => c.links?.splice(0, 1, 'none')),
    changed((c) => c.links?.splice(0, 1, '')),
    changed((c) => c.links?.push('more')),
    changed((c) => c.owners?.splice(0, 1, 99)),
    changed((c) => c.attributes?.splice(0, 1, [0o10000, 0, 0])),
    changed((c) => c.attributes?.splice(0, 1, [0, -1, 0])),
    changed((c) => c.mtimes?.splice(0, 1, 1.5)),
    changed((c) => c.sizes?.splice(0, 1, -1)),
    changed((c) => c.devices?.pop()),
    changed((c) => c.xattrs?.splice(0, 1, [99, 'a', 'AQ=='])),
    changed((c) => c.xattrs?.splice(0, 1, [2, 'a', 'not base64'])),
    changed((c) => c.xattrs?.push([2, 'a', 'AQ=='])),
    changed((c) => c.xattrs?.splice(0, 1, [2, 'a'])),
  ];
  for (const bytes of hostile) {
    assert.throws(
      () => decodeLayerIndex(bytes),
      (error) => isFault(error, 'MANIFEST_INVALID'),
      Buffer.from(bytes).toString().slice(0, 300),
    );
  }
});

test('a damaged index is read or refused, never worse', () => {
  const good = Buffer.from(encodeLayerIndex({ entries }));
  const writes = fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0x20, max: 0x7e })), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(writes, (changes) => {
      const bytes = Buffer.from(good);
      for (const [at, byte] of changes) bytes[at] = byte;
      try {
        decodeLayerIndex(bytes);
      } catch (error) {
        assert.ok(isFault(error, 'MANIFEST_INVALID'), String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
