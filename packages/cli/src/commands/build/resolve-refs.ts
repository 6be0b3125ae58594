import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fault } from '@onebuild/core';
import type { CliContext } from '../../cli-context.ts';
import { checkOutRefs, type RefCheckout } from '../../refs/check-out-refs.ts';
import { findStoreHome } from '../../settings/store-home.ts';
import type { BuildFlags } from './build-flags.ts';
import { type ChosenTargets, chooseTargets, type ProjectSource } from './choose-targets.ts';
import type { ResolveOptions } from './resolve-build.ts';

export interface ChosenRefs {
  readonly chosen: readonly ChosenTargets[];
  /** Removes the checkouts. */
  close(): Promise<void>;
}

/**
 * The project as it is at each of the commits that `--ref` names, from clean checkouts.
 * @throws what checkouts and projects throw, with the ref in front
 */
export async function resolveRefs(
  context: CliContext,
  { source, flags }: { readonly source: ProjectSource; readonly flags: BuildFlags },
  { warn }: ResolveOptions,
): Promise<ChosenRefs> {
  const folder = resolve(context.cwd, source.folder);
  const inside = source.files.map((file) => insideOf(folder, resolve(context.cwd, file), file));
  const home = findStoreHome(context, flags.home);
  const { checkouts, remove } = await checkOutRefs(context, flags.ref, {
    folder,
    home,
    warn: (message) => warn(message, 'RefCheckout'),
  });
  try {
    const chosen: ChosenTargets[] = [];
    for (const checkout of checkouts) {
      const there = placeIn(checkout, inside, source);
      const found = await chooseTargets(context, { source: there, flags, checkout, ownFolder: folder });
      if (found !== undefined) chosen.push(found);
    }
    return { chosen, close: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

function placeIn({ folder }: RefCheckout, inside: readonly string[], source: ProjectSource): ProjectSource {
  return { ...source, folder, files: inside.map((path) => join(folder, path)), isGuess: false };
}

/** @throws USAGE for files that the checkouts cannot have */
function insideOf(folder: string, path: string, file: string): string {
  const inside = relative(folder, path);
  if (inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)) return inside;
  throw fault('USAGE', `-f ${file}: with --ref the file has to be in the folder`, {
    hint: 'Each commit is built as its own file says; run the command in the folder of the file.',
  });
}
