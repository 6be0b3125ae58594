import { setImmediate } from 'node:timers/promises';

/** How long a loop of synchronous file calls may hold up the other steps, milliseconds. */
const slice = 25;

/**
 * For loops of synchronous file calls (which are several times quicker than asynchronous ones): await its result in
 * every round. Mostly undefined; now and then a promise that lets other work run and rejects when `signal` is aborted.
 */
export function createYielder(signal?: AbortSignal): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < slice) return undefined;
    return (async () => {
      await setImmediate();
      signal?.throwIfAborted();
      since = performance.now();
    })();
  };
}
