import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import fc from 'fast-check';
import { collectMembers } from '../../test/collect-members.ts';
import { extension, makeArchive, makeMember, paxBody } from '../../test/make-archive.ts';
import { createLayerIndexer } from '../index/layer-indexer.ts';
import { isCleanPath } from './clean-path.ts';
import { checksum } from './tar-block.ts';
import { createTarParser } from './tar-parser.ts';

const seed = Buffer.concat([
  extension('g', paxBody({ comment: 'x', 'SCHILY.xattr.user.a': 'b' })),
  ...makeMember({ path: 'usr', type: 'dir' }),
  ...makeMember({ path: `usr/${'long/'.repeat(30)}name`, content: 'content', uid: 9_000_000 }),
  ...makeMember({ path: 'usr/.wh.gone' }),
  ...makeMember({ path: 'a', type: 'symlink', link: '../../etc' }),
  ...makeMember({ path: 'b', content: 'x'.repeat(600), xattrs: { 'security.capability': 'AQ==' } }),
  ...makeMember({ path: 'c', type: 'hardlink', link: 'b' }),
  extension('L', `${'n'.repeat(130)}\0`),
  makeArchive([{ path: 'n', content: 'y' }]),
]);

/** Bytes to overwrite; with `mend`, the checksums of all blocks that look like headers are made right afterwards. */
const damage = fc.record({
  writes: fc.array(
    fc.record({
      at: fc.nat(seed.length - 1),
      bytes: fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 16 }),
        fc
          .constantFrom('../', '/..', '\0', '9999 path=', 'x', 'g', 'L', '7777777', '.wh..wh..opq')
          .map((text) => new Uint8Array(Buffer.from(text))),
      ),
    }),
    { minLength: 1, maxLength: 8 },
  ),
  mend: fc.boolean(),
  cut: fc.option(fc.nat(seed.length), { nil: undefined }),
  chunk: fc.constantFrom(1_000_000, 512, 700, 100),
});

test('a damaged archive is read or refused, and never yields a path outside the root', () => {
  let read = 0;
  fc.assert(
    fc.property(damage, ({ writes, mend, cut, chunk }) => {
      const archive = Buffer.from(seed);
      for (const { at, bytes } of writes) archive.set(bytes.subarray(0, archive.length - at), at);
      if (mend) mendChecksums(archive);
      const shown = cut === undefined ? archive : archive.subarray(0, cut);
      try {
        for (const { entry } of collectMembers(shown, { chunk })) {
          assert.ok(isCleanPath(entry.path), entry.path);
          if (entry.type === 'hardlink') assert.ok(entry.link && isCleanPath(entry.link));
          assert.ok(entry.mode <= 0o7777 && entry.size >= 0 && Number.isSafeInteger(entry.mtime));
        }
        read++;
        const indexer = createLayerIndexer();
        createTarParser(indexer).write(shown);
        for (const { path } of indexer.finish().entries) assert.ok(isCleanPath(path), path);
      } catch (error) {
        assert.ok(isFault(error, 'TAR_INVALID'), String(error));
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(read > 100, `only ${read} were read`);
});

test('noise is refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 3000 }), (noise) => {
      try {
        collectMembers(noise);
        assert.ok(noise.every((byte, at) => byte === 0 || at >= 1024));
      } catch (error) {
        assert.ok(isFault(error, 'TAR_INVALID'), String(error));
      }
    }),
  );
});

function mendChecksums(archive: Buffer): void {
  for (let start = 0; start + 512 <= archive.length; start += 512) {
    if (archive.toString('latin1', start + 257, start + 262) !== 'ustar') continue;
    const sum = checksum(archive, start).toString(8).padStart(6, '0');
    archive.write(`${sum}\0 `, start + 148, 'latin1');
  }
}
