import { createCipheriv, createHash } from 'node:crypto';

/** Bytes that look random and are the same for the same seed, everywhere. They don't compress. */
export function seededBytes(seed: string, size: number): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** Numbers from 0 to below 1, the same for the same seed. */
export function seededNumbers(seed: string): () => number {
  let pool = seededBytes(seed, 4096);
  let at = 0;
  let round = 0;
  return () => {
    if (at === pool.length) {
      round++;
      pool = seededBytes(`${seed}/${round}`, 4096);
      at = 0;
    }
    const value = pool.readUInt32LE(at) / 2 ** 32;
    at += 4;
    return value;
  };
}
