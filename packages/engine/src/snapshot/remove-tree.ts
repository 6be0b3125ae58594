import { execFile } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { promisify } from 'node:util';
import { fault } from '@onebuild/core';

const tools = { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } };

/**
 * Removes a folder and all in it, whatever modes and depths a step left there; rm(1) copes with paths longer than
 * PATH_MAX and works beside this process. Nothing at `dir` is fine.
 * @throws FILE_ACCESS
 */
export async function removeTree(dir: string): Promise<void> {
  if (lstatSync(dir, { throwIfNoEntry: false }) === undefined) return;
  // here, because most builds have nothing to remove, and need no other program then
  const execute = promisify(execFile);
  try {
    await execute('rm', ['-rf', '--', dir], tools);
  } catch {
    // Only where we are not root (also not of a user namespace) do modes stand in the way.
    await execute('chmod', ['-R', 'u+rwX', '--', dir], tools).catch(() => undefined);
    await execute('rm', ['-rf', '--', dir], tools).catch((error: unknown) => {
      throw fault('FILE_ACCESS', `cannot remove ${dir}`, { cause: error });
    });
  }
}
