import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fault } from '@onebuild/core';
import type { CliContext } from '../../cli-context.ts';
import { readAll } from '../../read-all.ts';
import { largestDockerfile } from '../build/find-dockerfile.ts';
import { findDockerfiles } from './find-dockerfiles.ts';
import { findProjectFiles } from './find-project-files.ts';
import { type LintFile, readLintFile } from './lint-file.ts';

/**
 * The Dockerfiles that paths mean, each once: files, folders with what their project file builds and what lies in them, `-`.
 * @throws DOCKERFILE_NOT_FOUND, USAGE
 */
export async function collectFiles(
  context: CliContext,
  paths: readonly string[],
): Promise<readonly LintFile[]> {
  const { cwd, stdin, stderr } = context;
  const files: LintFile[] = [];
  const known = new Set<string>();
  for (const path of paths.length === 0 ? ['.'] : paths) {
    if (path === '-') {
      if (known.has('-')) throw fault('USAGE', 'standard input can be read once only');
      known.add('-');
      const bytes = await readAll(stdin, largestDockerfile, 'The Dockerfile on standard input');
      files.push({ name: 'Dockerfile', bytes });
      continue;
    }
    const place = resolve(cwd, path);
    const own = (await isFolder(place))
      ? await findProjectFiles(context, place, (message) => stderr.write(`warning: ${message}\n`))
      : [];
    files.push(...own.filter((file) => file.path === undefined || !known.has(file.path)));
    for (const file of own) if (file.path !== undefined) known.add(file.path);
    for (const found of await findDockerfiles(place, own.length > 0)) {
      if (!known.has(found)) files.push(await readLintFile(found, cwd));
      known.add(found);
    }
  }
  return files;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
