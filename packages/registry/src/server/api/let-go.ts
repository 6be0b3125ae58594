import type { IncomingMessage } from 'node:http';

const mostBytes = 16 * 1024 * 1024;
const mostMs = 5_000;

/** Whether the rest of a request is short enough to take in, so that its connection can serve on. */
export function isShort(request: IncomingMessage): boolean {
  return Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY) <= mostBytes;
}

/**
 * Takes in a bounded rest of a request that was answered early: a client that is still sending reads the answer only
 * when its connection isn't reset. Hangs up on one that goes on for too long. Resolves when the request is over.
 */
export async function letGo(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return;
  await new Promise<void>((resolve) => {
    let bytes = 0;
    const hangUp = () => request.destroy();
    const timer = setTimeout(hangUp, mostMs);
    request.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes > mostBytes) hangUp();
    });
    request.on('error', () => {});
    for (const over of ['end', 'close']) {
      request.once(over, () => {
        clearTimeout(timer);
        resolve();
      });
    }
  });
}
