import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fault, toFault } from '@onebuild/core';

/**
 * The text of a file that a flag names.
 * @throws FILE_ACCESS with the flag
 */
export async function readNamedFile(path: string, options: { flag: string; cwd: string }): Promise<string> {
  try {
    return await readFile(resolve(options.cwd, path), 'utf8');
  } catch (error) {
    const { code, message } = toFault(error);
    throw fault(code, `${options.flag}: ${message}`, { cause: error });
  }
}
