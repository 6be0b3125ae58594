import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fault, toFault } from '@onebuild/core';
import type { FileTree } from './file-tree.ts';
import { resolvePath } from './resolve-path.ts';

/** As much as /etc/passwd may have. */
const mostBytes = 8 << 20;

/** Text of a small file of a tree, links followed; undefined where there is none. */
export async function readText(tree: FileTree, path: string): Promise<string | undefined> {
  const real = resolvePath(tree, path, { followLast: true });
  const entry = tree.get(real);
  if (entry?.type !== 'file') return undefined;
  if (entry.size > mostBytes) throw fault('SOURCE_NOT_FOUND', `/${path} is too large to be read`);
  await tree.prepare?.([real]);
  const content = tree.content(real);
  if (content.kind === 'bytes') return Buffer.from(content.bytes).toString('utf8');
  try {
    return await readFile(content.kind === 'host' ? content.path : join(content.layer, content.path), 'utf8');
  } catch (error) {
    throw toFault(error);
  }
}
