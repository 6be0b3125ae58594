import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { besideModule } from '../posix/beside-module.ts';
import { type HashedFile, hashFile } from './hash-file.ts';
import type { HashAnswer } from './hash-worker.ts';

/** A file to be read; `size` (bytes) is only a hint for how the work is cut. */
export interface FileToHash {
  readonly path: string;
  readonly size: number;
}

/** What one file costs beside its bytes, in bytes that could be hashed in the same time. */
const fileCost = 20_000;
/** Starting threads takes as long as hashing this much. */
const worthThreads = 200_000_000;
const batchCost = 8_000_000;
const mostWorkers = 8;
/** They hold little but one buffer; what this process' own start asks for would be tens of megabytes for each. */
const resourceLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 };

/**
 * SHA-256 of files, in their order; where a file cannot be read its error stands instead. A lot of work goes to worker
 * threads, one per core; a little is done here, with pauses for other work.
 */
export async function hashFiles(
  files: readonly FileToHash[],
  signal?: AbortSignal,
): Promise<readonly (HashedFile | NodeJS.ErrnoException)[]> {
  const cost = files.reduce((sum, { size }) => sum + size + fileCost, 0);
  const workers = Math.min(availableParallelism(), mostWorkers);
  if (cost >= worthThreads && workers > 1) return hashInWorkers(files, { workers, signal });
  return hashHere(files, signal);
}

async function hashHere(
  files: readonly FileToHash[],
  signal: AbortSignal | undefined,
): Promise<readonly (HashedFile | NodeJS.ErrnoException)[]> {
  const results: (HashedFile | NodeJS.ErrnoException)[] = [];
  for (const batch of batches(files)) {
    signal?.throwIfAborted();
    for (const { path } of batch) {
      try {
        results.push(hashFile(path));
      } catch (error) {
        results.push(error as NodeJS.ErrnoException);
      }
    }
    await setImmediate();
  }
  return results;
}

async function hashInWorkers(
  files: readonly FileToHash[],
  options: { readonly workers: number; readonly signal: AbortSignal | undefined },
): Promise<readonly (HashedFile | NodeJS.ErrnoException)[]> {
  const work = [...batches(files)].map((batch, at) => ({ batch, at }));
  const results: (readonly HashAnswer[])[] = [];
  const workers = Array.from(
    { length: Math.min(options.workers, work.length) },
    () => new Worker(besideModule('./hash-worker', import.meta.url), { resourceLimits }),
  );
  try {
    await Promise.all(
      workers.map(async (worker) => {
        for (let next = work.shift(); next; next = work.shift()) {
          options.signal?.throwIfAborted();
          const paths = next.batch.map(({ path }) => path);
          results[next.at] = await ask(worker, paths);
        }
      }),
    );
  } finally {
    for (const worker of workers) void worker.terminate();
  }
  return results.flat().map((answer) => ('errno' in answer ? readError(answer) : answer));
}

function ask(worker: Worker, paths: readonly string[]): Promise<readonly HashAnswer[]> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      worker.off('message', onMessage).off('error', onError);
      finish();
    };
    const onMessage = (answers: readonly HashAnswer[]) => settle(() => resolve(answers));
    const onError = (error: Error) => settle(() => reject(error));
    worker.on('message', onMessage).on('error', onError);
    worker.postMessage(paths);
  });
}

function readError({
  errno,
  message,
}: {
  readonly errno: string;
  readonly message: string;
}): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code: errno });
}

/** Runs of files of about the same cost. */
function* batches(files: readonly FileToHash[]): Generator<readonly FileToHash[]> {
  let batch: FileToHash[] = [];
  let cost = 0;
  for (const file of files) {
    batch.push(file);
    cost += file.size + fileCost;
    if (cost < batchCost) continue;
    yield batch;
    batch = [];
    cost = 0;
  }
  if (batch.length > 0) yield batch;
}
