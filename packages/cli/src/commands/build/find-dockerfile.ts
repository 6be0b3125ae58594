import { stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { fault } from '@onebuild/core';
import type { BuildOptions, ContextSource } from '@onebuild/engine';
import type { CliContext } from '../../cli-context.ts';
import { readAll } from '../../read-all.ts';

/** Bytes of a Dockerfile on standard input, at most. */
export const largestDockerfile = 16 * 2 ** 20;

/**
 * What `-f` names: `-` is standard input; for a folder a path from the working folder, or, where there is nothing, from
 * the context, and absolute where it leads out of the context; for other contexts a path inside them.
 * @throws USAGE, DOCKERFILE_NOT_FOUND
 */
export async function findDockerfile(
  flag: string | undefined,
  source: ContextSource,
  context: Pick<CliContext, 'cwd' | 'stdin'>,
): Promise<BuildOptions['dockerfile']> {
  if (flag === undefined) return undefined;
  if (flag === '-') {
    if (source.type === 'stream') {
      throw fault('USAGE', 'the context and the Dockerfile cannot both come from standard input');
    }
    const bytes = await readAll(context.stdin, largestDockerfile, 'The Dockerfile on standard input');
    return { text: bytes.toString('utf8'), name: 'Dockerfile' };
  }
  if (source.type !== 'folder') return flag;
  return await findBeside(flag, source.path, context.cwd);
}

async function findBeside(flag: string, folder: string, cwd: string): Promise<string> {
  let what = 'is not there';
  for (const path of [resolve(cwd, flag), resolve(folder, flag)]) {
    const inside = relative(folder, path);
    const isInside =
      inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) continue;
    if (!found.isDirectory()) return isInside ? inside : path;
    what = 'is a folder';
  }
  throw fault('DOCKERFILE_NOT_FOUND', `the Dockerfile ${JSON.stringify(flag)} ${what}`);
}
