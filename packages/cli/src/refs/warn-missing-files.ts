import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Repository } from './find-repository.ts';
import type { ResolvedRef } from './resolve-ref.ts';
import type { RunGit } from './run-git.ts';

export interface MissingFilesServices {
  readonly git: RunGit;
  readonly repository: Repository;
  readonly warn: (message: string) => void;
}

/** Submodules that are looked up, and those that are named. */
const mostLookedUp = 100;
const mostNamed = 5;

/** Says which files a checkout does not have, though a work tree may: those of submodules, and of Git LFS where that is not set up. */
export async function warnMissingFiles(
  { ref, sha }: Pick<ResolvedRef, 'ref' | 'sha'>,
  top: string,
  services: MissingFilesServices,
): Promise<void> {
  const [submodules, pointers] = await Promise.all([
    findSubmodules(sha, services),
    hasPointers(top, services),
  ]);
  if (submodules.length > 0) {
    const named = submodules.slice(0, mostNamed).join(', ');
    const more = submodules.length > mostNamed ? ' and others' : '';
    services.warn(`--ref ${ref}: submodules are not filled, their folders are empty: ${named}${more}`);
  }
  if (pointers) {
    services.warn(
      `--ref ${ref}: files of Git LFS are pointers only, for Git LFS is not set up: git lfs install`,
    );
  }
}

/** Paths that .gitmodules names and that are submodules in the commit. */
async function findSubmodules(
  sha: string,
  { git, repository }: MissingFilesServices,
): Promise<readonly string[]> {
  const at = `--git-dir=${repository.gitDir}`;
  const said = await git([
    at,
    'config',
    `--blob=${sha}:.gitmodules`,
    '-z',
    '--get-regexp',
    String.raw`^submodule\..*\.path$`,
  ]);
  const paths = said.stdout
    .split('\0')
    .map((entry) => entry.slice(entry.indexOf('\n') + 1))
    .filter((path) => path !== '')
    .slice(0, mostLookedUp);
  if (said.code !== 0 || paths.length === 0) return [];
  const { stdout } = await git([at, 'ls-tree', '--full-tree', '-z', sha, '--', ...paths]);
  return stdout.split('\0').flatMap((entry) => /^160000 commit [0-9a-f]+\t(.+)$/s.exec(entry)?.[1] ?? []);
}

async function hasPointers(top: string, { git, repository }: MissingFilesServices): Promise<boolean> {
  const attributes = await readFile(join(top, '.gitattributes'), 'utf8').catch(() => '');
  if (!/\bfilter=lfs\b/.test(attributes)) return false;
  const { code } = await git([
    `--git-dir=${repository.gitDir}`,
    'config',
    '--get-regexp',
    String.raw`^filter\.lfs\.(smudge|process)$`,
  ]);
  return code !== 0;
}
