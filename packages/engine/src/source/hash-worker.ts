import { parentPort } from 'node:worker_threads';
import { type HashedFile, hashFile } from './hash-file.ts';

/** What a worker answers for one path. */
export type HashAnswer = HashedFile | { readonly errno: string; readonly message: string };

parentPort?.on('message', (paths: readonly string[]) => {
  parentPort?.postMessage(paths.map(answer));
});

function answer(path: string): HashAnswer {
  try {
    return hashFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { errno: code ?? 'EIO', message };
  }
}
