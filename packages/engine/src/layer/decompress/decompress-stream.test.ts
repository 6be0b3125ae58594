import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { constants, crc32, gzipSync, zstdCompressSync } from 'node:zlib';
import { isFault } from '@onebuild/core';
import { blockCodecs } from '../compress/block-codec.ts';
import { decompressStream } from './decompress-stream.ts';
import { unzstdStream } from './unzstd-stream.ts';

async function* cut(data: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}

async function unpack(data: Uint8Array, format = 'auto', limit?: number, cutAt = 5000): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(decompressStream(cut(data, cutAt), format, { limit })));
}

/** Reads the first 64 bytes one at a time. */
async function firstByte(data: Uint8Array): Promise<number | undefined> {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield* cut(data.subarray(0, 64), 1);
    yield data.subarray(64);
  }
  return Buffer.concat(await Array.fromAsync(decompressStream(source(), 'auto')))[0];
}

const plain = Buffer.concat([Buffer.from('some text '.repeat(20_000)), randomBytes(100_000)]);
const run = (program: string, ...rest: string[]): Buffer =>
  execFileSync(program, rest, { input: plain, maxBuffer: 1 << 26 });

const packed: Readonly<Record<string, Buffer>> = {
  gzip: run('gzip', '-c'),
  zstd: run('zstd', '-c'),
  bzip2: run('bzip2', '-c'),
  xz: run('xz', '-c'),
};

for (const [format, bytes] of Object.entries(packed)) {
  test(`${format} is found by its first bytes, however it is cut`, async () => {
    assert.ok((await unpack(bytes)).equals(plain));
    assert.ok((await unpack(bytes, format, undefined, 97)).equals(plain));
    assert.equal(await firstByte(bytes), plain[0]);
  });

  test(`${format} that is cut off or damaged is refused`, async () => {
    await assert.rejects(unpack(bytes.subarray(0, bytes.length - 9)), (e) => isFault(e, 'TAR_INVALID'));
    const flipped = Buffer.from(bytes);
    for (let at = 2000; at < 2040; at++) flipped[at] = (flipped[at] ?? 0) ^ 0xff;
    await assert.rejects(unpack(flipped), (e) => isFault(e, 'TAR_INVALID'));
  });

  test(`a bomb of ${format} is refused, much data is not`, async () => {
    const bomb = execFileSync(format, ['-c'], { input: Buffer.alloc(8 << 20), maxBuffer: 1 << 26 });
    await assert.rejects(
      unpack(bomb, 'auto', 1 << 20),
      (e) => isFault(e, 'TAR_INVALID') && /over 100 times/.test(e.message),
    );
    assert.equal((await unpack(bomb)).length, 8 << 20);
    assert.ok((await unpack(bytes, 'auto', plain.length - 1)).equals(plain));
  });
}

test('many tiny members and frames are read, too many frames refused', async () => {
  const many = (unit: Buffer, count: number) => Buffer.alloc(unit.length * count, unit);
  assert.equal((await unpack(many(gzipSync('x'), 20_000), 'auto', undefined, 1 << 18)).length, 20_000);
  assert.equal((await unpack(many(zstdCompressSync('x'), 3000), 'auto', undefined, 1 << 18)).length, 3000);
  const skippable = Buffer.from('502a4d1800000000', 'hex');
  await assert.rejects(
    Array.fromAsync(unzstdStream(cut(many(skippable, 502), 1000), { mostFrames: 500 })),
    (e) => isFault(e, 'TAR_INVALID') && /frames/.test(e.message),
  );
});

test('what is not compressed passes as it is', async () => {
  assert.ok((await unpack(plain)).equals(plain));
  assert.equal((await unpack(Buffer.alloc(0))).length, 0);
  assert.equal((await unpack(Buffer.from([0x1f]))).length, 1);
});

test('media types name the format', async () => {
  const type = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
  assert.ok((await unpack(packed.gzip as Buffer, type)).equals(plain));
  await assert.rejects(unpack(plain, 'application/vnd.oci.image.layer.v1.tar+lz4'), (e) =>
    isFault(e, 'MANIFEST_INVALID'),
  );
});

test('several gzip members and zstd frames are one stream', async () => {
  const twice = Buffer.concat([plain, plain]);
  assert.ok((await unpack(Buffer.concat([gzipSync(plain), gzipSync(plain)]))).equals(twice));
  const skippable = Buffer.from('502a4d1803000000616263', 'hex');
  const frames = Buffer.concat([
    skippable,
    zstdCompressSync(plain),
    zstdCompressSync(Buffer.alloc(0)),
    skippable,
    zstdCompressSync(plain, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
    skippable,
  ]);
  for (const cutAt of [89, 1 << 20])
    assert.ok((await unpack(frames, 'auto', undefined, cutAt)).equals(twice));
});

test('zstd frames of every header form are stepped over', async () => {
  for (const size of [0, 1, 255, 256, 65_791, 65_792, 400_000]) {
    const data = randomBytes(size);
    const known = zstdCompressSync(data, { pledgedSrcSize: size });
    const unknown = execFileSync('zstd', ['-c', '--no-content-size'], { input: data, maxBuffer: 1 << 26 });
    const rle = zstdCompressSync(Buffer.alloc(size));
    const result = await unpack(Buffer.concat([known, unknown, rle]));
    assert.ok(result.equals(Buffer.concat([data, data, Buffer.alloc(size)])), `${size} bytes`);
  }
});

test('a zstd frame that is bigger than what is decoded whole comes through', async () => {
  const big = Buffer.alloc(40 << 20, 'abcdefgh');
  const one = zstdCompressSync(big, { pledgedSrcSize: big.length });
  const anonymous = execFileSync('zstd', ['-c', '--no-content-size'], { input: big, maxBuffer: 1 << 26 });
  const result = await unpack(Buffer.concat([one, anonymous, zstdCompressSync(plain)]));
  assert.equal(result.length, 2 * big.length + plain.length);
  assert.ok(result.subarray(0, big.length).equals(big));
  assert.ok(result.subarray(2 * big.length).equals(plain));
});

test('what was compressed here comes back', async () => {
  const data = Buffer.concat(Array.from({ length: 30 }, () => plain));
  for (const compression of ['gzip', 'zstd'] as const) {
    const { head, pack, tail } = blockCodecs[compression];
    const blocks = await Array.fromAsync(cut(data, 1 << 20), (block) => pack(block, undefined));
    const there = Buffer.concat([head, ...blocks, tail(crc32(data), data.length)]);
    const back = await Array.fromAsync(decompressStream(cut(there, 1 << 16), 'auto'));
    assert.ok(Buffer.concat(back).equals(data));
  }
});

test('the failure of a source is told as it is', async () => {
  for (const bytes of Object.values(packed)) {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 3000);
      throw new Error('broken source');
    }
    await assert.rejects(Array.fromAsync(decompressStream(broken(), 'auto')), /broken source/);
  }
});

test('a consumer that leaves early ends the source', async () => {
  for (const [format, bytes] of Object.entries(packed)) {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield bytes;
      } finally {
        closed = true;
      }
    }
    for await (const _ of decompressStream(source(), 'auto')) break;
    for (let turn = 0; turn < 1000 && !closed; turn++) await setTimeout(1);
    assert.ok(closed, format);
  }
});
