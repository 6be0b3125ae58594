import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The part of a test's context that skipping needs. */
export interface Skips {
  skip(message?: string): void;
}

/**
 * Whether a program is there for a test. Where it isn't, the test is skipped with a message that says how to get it;
 * with `ONEBUILD_TEST_STRICT=1` (as in CI) it fails instead.
 *
 *     if (!requireProgram(t, 'skopeo', 'apt-get install skopeo')) return;
 */
export function requireProgram(t: Skips, program: string, install: string): boolean {
  return requirePart(t, findProgram(program) !== undefined, `${program} is not installed: ${install}`);
}

/** The same for anything else that a machine may lack. */
export function requirePart(t: Skips, present: boolean, message: string): boolean {
  if (present) return true;
  if (process.env['ONEBUILD_TEST_STRICT'] === '1') throw new Error(message);
  t.skip(message);
  return false;
}

/** Where a program is, in the folders of PATH and those that only root has on it. */
export function findProgram(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
