import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Compression } from '@onebuild/oci';
import { createChunkPool } from '../chunk-pool.ts';
import { type CompressOptions, compressionBlockSize, compressStream } from './compress-stream.ts';

/** Text that compresses, with noise between. */
function sample(size: number): Buffer {
  const parts: Buffer[] = [];
  for (let length = 0; length < size; ) {
    const part = Buffer.concat([
      Buffer.from(`line ${length} of the sample\n`.repeat(500)),
      randomBytes(3000),
    ]);
    parts.push(part);
    length += part.length;
  }
  return Buffer.concat(parts).subarray(0, size);
}

async function* cut(data: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}

async function compress(
  data: Buffer,
  compression: Compression,
  options: CompressOptions & { cutAt?: number } = {},
): Promise<Buffer> {
  const source = cut(data, options.cutAt ?? 100_000);
  return Buffer.concat(await Array.fromAsync(compressStream(source, { ...options, compression })));
}

const unpack: Readonly<Record<'gzip' | 'zstd', readonly string[]>> = {
  gzip: ['gzip', '-dc'],
  zstd: ['zstd', '-dcq'],
};

for (const compression of ['gzip', 'zstd'] as const) {
  const block = compressionBlockSize[compression];
  const sizes = [0, 1, block - 1, block, block + 1, 2 * block, 3 * block + 12_345];

  test(`${compression} of any size is read by the program of that name`, async () => {
    const [program = '', ...rest] = unpack[compression];
    for (const size of sizes) {
      const data = sample(size);
      const result = execFileSync(program, rest, {
        input: await compress(data, compression),
        maxBuffer: 1 << 26,
      });
      assert.ok(result.equals(data), `${size} bytes`);
    }
  });

  test(`${compression} does not depend on cut, threads or buffers`, async () => {
    const data = sample(3 * block + 12_345);
    const one = await compress(data, compression, { inFlight: 1 });
    for (const cutAt of [777, block, block + 1]) {
      assert.ok((await compress(data, compression, { inFlight: 8, cutAt })).equals(one), `cut at ${cutAt}`);
    }
    const pool = createChunkPool(block);
    async function* pooled(): AsyncGenerator<Uint8Array> {
      for await (const piece of cut(data, block)) {
        const chunk = pool.take();
        chunk.set(piece);
        yield chunk.subarray(0, piece.length);
      }
    }
    const parts = await Array.fromAsync(compressStream(pooled(), { compression, pool }));
    assert.ok(Buffer.concat(parts).equals(one), 'with a pool');
  });

  test(`${compression} obeys its level`, async () => {
    const data = sample(300_000);
    const [fast, small] = [
      await compress(data, compression, { level: 1 }),
      await compress(data, compression, { level: 9 }),
    ];
    assert.ok(small.length < fast.length);
  });

  test(`${compression} tells the failure of its source and stops when canceled`, async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(10);
      throw new Error('broken source');
    }
    await assert.rejects(Array.fromAsync(compressStream(broken(), { compression })), /broken source/);
    const signal = AbortSignal.abort();
    await assert.rejects(Array.fromAsync(compressStream(cut(sample(10), 5), { compression, signal })), {
      name: 'AbortError',
    });
  });
}

test('gzip is a single member with a fixed header', async () => {
  const data = sample(2_500_000);
  const result = await compress(data, 'gzip');
  assert.deepEqual([...result.subarray(0, 10)], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  assert.equal(result.readUInt32LE(result.length - 4), data.length);
  assert.ok(gunzipSync(result).equals(data));
});
