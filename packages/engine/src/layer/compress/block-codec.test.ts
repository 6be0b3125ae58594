import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { crc32, gunzipSync } from 'node:zlib';
import { blockCodecs } from './block-codec.ts';

/** Text that compresses, with noise between. */
function sample(size: number): Buffer {
  const parts: Buffer[] = [];
  for (let length = 0; length < size; ) {
    const text = Buffer.from(`line ${length} of the sample\n`.repeat(500));
    const part = Buffer.concat([text, randomBytes(3000)]);
    parts.push(part);
    length += part.length;
  }
  return Buffer.concat(parts).subarray(0, size);
}

const unpack: Readonly<Record<'gzip' | 'zstd', readonly string[]>> = {
  gzip: ['gzip', '-dc'],
  zstd: ['zstd', '-dcq'],
};

for (const name of ['gzip', 'zstd'] as const) {
  const codec = blockCodecs[name];

  test(`${name} of blocks of any size is read by the program of that name`, async () => {
    const blocks = [1, 512, 70_000, codec.blockSize, 3].map(sample);
    const packed = await Promise.all(blocks.map((block) => codec.pack(block, undefined)));
    const data = Buffer.concat(blocks);
    const input = Buffer.concat([codec.head, ...packed, codec.tail(crc32(data), data.length)]);
    const [program = '', ...rest] = unpack[name];
    assert.ok(execFileSync(program, rest, { input, maxBuffer: 1 << 26 }).equals(data));
    for (const [at, block] of blocks.entries()) {
      const back = await codec.unpack(packed[at] as Uint8Array, block.length);
      assert.ok(block.equals(back), `block ${at}`);
    }
  });

  test(`${name} does not unpack what is damaged, or more than was said`, async () => {
    const block = sample(100_000);
    const packed = await codec.pack(block, undefined);
    await assert.rejects(codec.unpack(packed, block.length - 1));
    await assert.rejects(codec.unpack(randomBytes(packed.length), block.length));
  });

  test(`${name} obeys its level`, async () => {
    const block = sample(300_000);
    const [fast, small] = await Promise.all([codec.pack(block, 1), codec.pack(block, 9)]);
    assert.ok(small.length < fast.length);
  });
}

test('gzip is a single member with a fixed header', async () => {
  const { head, pack, tail } = blockCodecs.gzip;
  const block = sample(300_000);
  const result = Buffer.concat([head, await pack(block, undefined), tail(crc32(block), block.length)]);
  assert.deepEqual([...result.subarray(0, 10)], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  assert.equal(result.readUInt32LE(result.length - 4), block.length);
  assert.ok(gunzipSync(result).equals(block));
});
