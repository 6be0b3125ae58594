import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atProcessExit } from './at-process-exit.ts';

/** The part of a test context (or of a suite's hooks) that cleaning up needs. */
export interface CleansUp {
  after(run: () => void | Promise<void>): void;
}

/**
 * Makes a new empty folder and gives its path. It goes away after the test `t`, or, without one, when the process ends.
 */
export function temporaryFolder(t?: CleansUp): string {
  const folder = mkdtempSync(join(tmpdir(), 'onebuild-test-'));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  // once more at the end: hooks run in the order they were made, so something may still have written after this one
  atProcessExit(remove);
  t?.after(remove);
  return folder;
}
