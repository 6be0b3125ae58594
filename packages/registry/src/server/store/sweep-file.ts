import { randomUUID } from 'node:crypto';
import { link, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, removeFile, unlessMissing } from './file-steps.ts';

export interface SweepOptions {
  readonly tmp: string;
  /** Milliseconds since the epoch; a file with a later time stays. */
  readonly before: number;
  readonly dryRun: boolean;
  /** Spare a file that has other names. */
  readonly onlyName?: boolean;
}

/**
 * Removes a file that nobody renewed lately. It is moved aside first and looked at again: whoever renewed it before
 * that is seen, and it goes back; whoever comes after that finds it missing, and doesn't rely on it.
 *
 * @returns its size, or undefined where it stays
 */
export async function sweepFile(path: string, options: SweepOptions): Promise<number | undefined> {
  const { before, dryRun, onlyName = false } = options;
  const unneeded = (found: { mtimeMs: number; nlink: number }) =>
    found.mtimeMs < before && !(onlyName && found.nlink > 1);
  const first = await unlessMissing(stat(path));
  if (!first || !unneeded(first)) return undefined;
  if (dryRun) return first.size;

  const aside = join(options.tmp, randomUUID());
  if ((await unlessMissing(rename(path, aside).then(() => true))) === undefined) return undefined;
  const again = await stat(aside);
  if (!unneeded(again)) await putBack(aside, path);
  await removeFile(aside);
  return unneeded(again) ? again.size : undefined;
}

/** A file that came to the place meanwhile has the same content, and stays. */
async function putBack(aside: string, path: string): Promise<void> {
  try {
    await link(aside, path);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return;
    await rename(aside, path);
  }
}
