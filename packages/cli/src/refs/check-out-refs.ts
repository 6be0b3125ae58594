import { lstat, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fault, toFault } from '@onebuild/core';
import { makeTempFolder } from '@onebuild/engine';
import type { CliContext } from '../cli-context.ts';
import { checkRefName } from './check-ref-name.ts';
import { fillCheckout } from './fill-checkout.ts';
import { findRepository, type Repository } from './find-repository.ts';
import { listRefs } from './list-refs.ts';
import { type ResolvedRef, resolveRef } from './resolve-ref.ts';
import { createGit } from './run-git.ts';
import { warnMissingFiles } from './warn-missing-files.ts';

/** The files of one ref. */
export interface RefCheckout extends ResolvedRef {
  /** Absolute: where the asked folder is in the checkout. It has the same name, and belongs to all refs of the same commit. */
  readonly folder: string;
}

export interface RefCheckouts {
  /** In the order of the refs; those that say the same (commit, branch and tag) are one, under the first name. */
  readonly checkouts: readonly RefCheckout[];
  /** Removes the folders. What a killed process leaves is removed when the store is opened the next time. */
  remove(): Promise<void>;
}

export interface CheckOutOptions {
  /** Absolute: the project's folder, the top of a repository or a folder in it. */
  readonly folder: string;
  /** That of the store. */
  readonly home: string;
  readonly warn: (message: string) => void;
}

/** Refs of one command line, at most. */
const mostRefs = 100;

/**
 * Checks git refs out of the repository that a folder is in: the files of the commits and no others, each in a folder in the store without
 * a `.git`. The user's repository and work tree stay as they are.
 * @throws USAGE for names that are none, REF_NOT_FOUND, CONTEXT_NOT_FOUND where a ref doesn't have the folder, TOOL_MISSING, GIT_FAILED,
 * FILE_ACCESS, DISK_FULL, CANCELED
 */
export async function checkOutRefs(
  context: Pick<CliContext, 'env' | 'signal'>,
  refs: readonly string[],
  { folder, home, warn }: CheckOutOptions,
): Promise<RefCheckouts> {
  if (refs.length > mostRefs)
    throw fault('USAGE', `--ref: ${mostRefs} refs can be built at once, not ${refs.length}`);
  for (const ref of refs) checkRefName(ref);
  const git = createGit(context);
  const repository = await findRepository(git, folder);
  const services = { git, repository, warn, refs: await listRefs(git, repository) };
  const resolved: ResolvedRef[] = [];
  for (const ref of new Set(refs)) resolved.push(await resolveRef(ref, services));
  const temp = makeTemp(home);
  const remove = async (): Promise<void> => rm(temp, { recursive: true, force: true, maxRetries: 3 });
  try {
    const folders = new Map<string, string>();
    const checkouts: RefCheckout[] = [];
    for (const found of leaveOutEqual(resolved)) {
      const top = folders.get(found.sha) ?? join(temp, found.sha, basename(repository.top) || 'root');
      if (!folders.has(found.sha)) {
        await fillCheckout(git, repository, { sha: found.sha, folder: top });
        await warnMissingFiles(found, top, services);
        folders.set(found.sha, top);
      }
      checkouts.push({ ...found, folder: await findFolder(found, top, repository) });
    }
    return { checkouts, remove };
  } catch (error) {
    await remove().catch(() => undefined);
    throw error;
  }
}

function makeTemp(home: string): string {
  try {
    return makeTempFolder(home);
  } catch (error) {
    const { code, message } = toFault(error);
    throw fault(code, `cannot make a folder for --ref in the store: ${message}`, {
      hint: 'Name a folder you may write with ONEBUILD_HOME or `--home`.',
      cause: error,
    });
  }
}

function leaveOutEqual(resolved: readonly ResolvedRef[]): readonly ResolvedRef[] {
  const kept = new Map<string, ResolvedRef>();
  for (const found of resolved) {
    const what = JSON.stringify([found.sha, found.facts.branch ?? null, found.facts.tag ?? null]);
    if (!kept.has(what)) kept.set(what, found);
  }
  return [...kept.values()];
}

/** Step by step: a commit may have a link where the folder is now, and it would lead out of the checkout. */
async function findFolder({ ref, sha }: ResolvedRef, top: string, { prefix }: Repository): Promise<string> {
  let at = top;
  for (const name of prefix.split('/').filter((part) => part !== '')) {
    at = join(at, name);
    const found = await lstat(at).catch(() => undefined);
    if (found?.isDirectory() !== true) {
      throw fault(
        'CONTEXT_NOT_FOUND',
        `--ref ${ref}: commit ${sha.slice(0, 12)} has no folder ${prefix.slice(0, -1)}`,
      );
    }
  }
  return at;
}
