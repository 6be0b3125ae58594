import { readFileSync, statSync } from 'node:fs';
import { fault } from '@onebuild/core';

/** Bytes; nobody writes more by hand. */
const largest = 16 << 20;

/**
 * Reads a Dockerfile or an ignore file. A pipe or a device would keep us waiting, or never end.
 * @throws CONTEXT_READ, and what the file system says where it is not there
 */
export function readText(path: string): string {
  const stat = statSync(path);
  if (!stat.isFile())
    throw fault('CONTEXT_READ', `${path} is not a file`, { hint: 'Put a plain file there.' });
  if (stat.size > largest) {
    throw fault('CONTEXT_READ', `${path} has ${stat.size} bytes, ${largest} are read at most`, {
      hint: 'Is it the right file?',
    });
  }
  return readFileSync(path, 'utf8');
}
