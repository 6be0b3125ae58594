import { availableParallelism } from 'node:os';

/** Enough that no thread waits while the consumer takes a result. */
export const defaultInFlight = Math.max(2, availableParallelism()) + 2;

/**
 * Starts `work` on every item as it comes and tells the results in the order of the items. At most `inFlight` results
 * are pending, so memory stays bounded and a slow consumer slows the source down.
 */
export async function* runInOrder<Item, Result>(
  source: Iterable<Item>,
  work: (item: Item) => Promise<Result>,
  options: { readonly inFlight?: number; readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<Result> {
  const inFlight = options.inFlight ?? defaultInFlight;
  const pending: Promise<Result>[] = [];
  for (const item of source) {
    options.signal?.throwIfAborted();
    const result = work(item);
    // Its failure is told when its turn comes, or never when the consumer has left.
    result.catch(() => {});
    pending.push(result);
    if (pending.length >= inFlight) yield await (pending.shift() as Promise<Result>);
  }
  for (const result of pending) {
    options.signal?.throwIfAborted();
    yield await result;
  }
}
