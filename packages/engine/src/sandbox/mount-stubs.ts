import { chmodSync, lstatSync, rmdirSync, unlinkSync } from 'node:fs';
import type { OverlayMarks } from '../snapshot/overlay-marks.ts';
import { resolveInLayers } from './overlay-view.ts';
import type { OverlayRoot } from './sandbox.ts';

/** Where mounts go. */
export interface MountTargets {
  /** The targets that were asked for, in their order, absolute and without symlinks: runtimes fail at links to nothing. */
  readonly targets: readonly string[];
  /**
   * Paths (relative, without symlinks) that are not in the root yet and that the runtime will make, so that mounts have
   * a place; outer ones first.
   */
  readonly stubs: readonly string[];
}

export function resolveMountTargets(
  root: OverlayRoot,
  targets: readonly string[],
  marks: OverlayMarks,
): MountTargets {
  const layers = [root.upper, ...root.lowers.toReversed()];
  const resolved: string[] = [];
  const stubs = new Set<string>();
  for (const target of targets) {
    const { path, existing } = resolveInLayers(layers, target, marks);
    resolved.push(`/${path}`);
    const names = path.split('/');
    for (let count = existing + 1; count <= names.length; count++) stubs.add(names.slice(0, count).join('/'));
  }
  stubs.delete('');
  return { targets: resolved, stubs: [...stubs].sort((one, other) => one.length - other.length) };
}

/**
 * Removes the stubs that the command left as they were made: empty folders and empty files of root's. Must run when the
 * command has ended; goes through real folders of `upper` only, since the command may have put links there.
 */
export function removeMountStubs(upper: string, stubs: MountTargets['stubs']): void {
  for (const path of stubs.toReversed()) {
    const names = path.split('/');
    const parents = names.slice(0, -1).map((_, at) => `${upper}/${names.slice(0, at + 1).join('/')}`);
    if (!parents.every((parent) => lstatSync(parent, { throwIfNoEntry: false })?.isDirectory())) continue;
    removeStub(`${upper}/${path}`, keptStubs.has(path));
  }
}

/** Docker leaves these in images that have none, and images without them don't start everywhere. */
const keptStubs = new Set(['dev', 'proc', 'sys']);

function removeStub(at: string, keep: boolean): void {
  const stat = lstatSync(at, { throwIfNoEntry: false });
  if (stat === undefined || stat.uid !== 0 || stat.gid !== 0) return;
  if (stat.isFile() && stat.size === 0 && stat.nlink === 1) unlinkSync(at);
  if (!stat.isDirectory() || !madeModes.has(stat.mode & 0o7777)) return;
  if (keep) {
    chmodSync(at, 0o755);
    return;
  }
  try {
    rmdirSync(at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    chmodSync(at, 0o755);
  }
}

/** What runtimes make folders with; some versions of crun add the sticky bit by mistake. */
const madeModes = new Set([0o755, 0o1755]);
