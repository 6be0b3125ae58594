import { accessSync, constants, existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fault } from '@onebuild/core';
import type { CliContext } from '../cli-context.ts';
import { checkDestination } from '../settings/check-destination.ts';

export interface OutputsFile {
  /** Absolute. */
  readonly path: string;
  /** `add`: others write into it, too. `stdout` and `stderr` are those of this process, whatever is behind them. */
  readonly way: 'replace' | 'add' | 'stdout' | 'stderr';
}

/** Files in which steps of GitHub Actions leave lines for later ones. */
const sharedFiles = ['GITHUB_OUTPUT', 'GITHUB_ENV'] as const;

const streams: ReadonlyMap<string, 'stdout' | 'stderr'> = new Map([
  ['/dev/stdout', 'stdout'],
  ['/dev/stderr', 'stderr'],
]);

/** What `--outputs-file` names, each file once. @throws USAGE for an empty name */
export function findOutputsFiles(
  { env, cwd }: Pick<CliContext, 'env' | 'cwd'>,
  paths: readonly string[],
): readonly OutputsFile[] {
  if (paths.includes('')) {
    throw fault('USAGE', '--outputs-file: there is no name', {
      hint: 'A variable that is not set? Outside GitHub Actions there is no $GITHUB_OUTPUT.',
    });
  }
  const shared = sharedFiles.flatMap((name) => (env[name] ? [resolve(cwd, env[name])] : []));
  return [...new Set(paths.map((path) => resolve(cwd, path)))].map((path) => ({
    path,
    way: streams.get(path) ?? (shared.includes(path) ? 'add' : 'replace'),
  }));
}

/**
 * Whether they can be written, before the build takes its time.
 * @throws FILE_ACCESS, USAGE
 */
export function checkOutputsFiles(context: Pick<CliContext, 'env' | 'cwd'>, paths: readonly string[]): void {
  for (const { path, way } of findOutputsFiles(context, paths)) {
    if (streams.has(path)) continue;
    checkDestination(path, '--outputs-file', 'file');
    if (way === 'add' && existsSync(path) && !isWritable(path)) {
      throw fault('FILE_ACCESS', `--outputs-file: you may not write to ${path}`);
    }
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
