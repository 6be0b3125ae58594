import type { Exchange } from './exchange.ts';
import { refuse } from './refusal.ts';

/** A small body that takes longer comes from a client that means to hold a place. */
const patienceMs = 60_000;

/** The whole body, where it has `limit` bytes at most; else the answer is 413. */
export async function readBounded(exchange: Exchange, limit: number): Promise<Buffer> {
  const tooLarge = () => refuse('SIZE_INVALID', `the body has more than ${limit} bytes`, { status: 413 });
  if (Number(exchange.request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const timer = setTimeout(() => exchange.request.destroy(), patienceMs);
  try {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of exchange.body()) {
      size += chunk.length;
      if (size > limit) throw tooLarge();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, size);
  } finally {
    clearTimeout(timer);
  }
}
