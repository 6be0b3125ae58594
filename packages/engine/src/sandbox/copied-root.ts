import * as fs from 'node:fs';
import { nativePath } from '../posix/native-path.ts';
import type { Posix } from '../posix/posix.ts';
import type { OverlayMarks } from '../snapshot/overlay-marks.ts';
import { listNames } from '../snapshot/read-entry.ts';
import { removeTree } from '../snapshot/remove-tree.ts';
import { createYielder } from '../snapshot/yield-now-and-then.ts';
import { copyAttributes, type MergeOptions, mergeLayer } from './merge-layers.ts';
import type { PrepareRoot } from './prepared-root.ts';

/**
 * Roots for machines where overlayfs can't be mounted: all layers are copied into one folder beside `upper`, and what
 * the command changed there is moved to `upper` afterwards, in overlayfs form. Costs time and space for the whole root
 * in every step (a reflink where the file system has them), and a walk over it before and after.
 */
export function createCopiedRoots(posix: Posix, marks: OverlayMarks): PrepareRoot {
  return async ({ lowers, upper, work }, { signal }) => {
    const options = { posix, marks, signal };
    const path = `${work}/merged`;
    fs.mkdirSync(path);
    for (const layer of lowers) await mergeLayer(layer, path, options);
    const before = await readStates(path, options);
    await mergeLayer(upper, path, options);
    return {
      path,
      steps: [],
      async finish() {
        await removeTree(upper);
        fs.mkdirSync(upper, { mode: 0o700 });
        await moveChanges(path, upper, { ...options, before });
        await removeTree(path);
      },
    };
  };
}

/** What changes when anything of a file does: ctime can't be set by programs. */
type States = ReadonlyMap<string, { readonly inode: number; readonly changed: bigint }>;

async function readStates(root: string, { signal }: MergeOptions): Promise<States> {
  const states = new Map<string, { inode: number; changed: bigint }>();
  const now = createYielder(signal);
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const name of ['.', ...listNames(`${root}${folder}`)]) {
      const pause = now();
      if (pause) await pause;
      const path = name === '.' ? folder : `${folder}/${name}`;
      const stat = fs.lstatSync(nativePath(`${root}${path}`), { bigint: true });
      states.set(path, { inode: Number(stat.ino), changed: stat.ctimeNs });
      if (name !== '.' && stat.isDirectory()) pending.push(path);
    }
  }
  return states;
}

/**
 * Compares the tree with what it was and fills `upper`: changed files move, removed ones become whiteouts, new folders
 * move whole, replaced ones become opaque. Folders that changed, or have a change in them, stand there with their
 * attributes.
 */
async function moveChanges(
  root: string,
  upper: string,
  options: MergeOptions & { readonly before: States },
): Promise<void> {
  const { before, posix, marks, signal } = options;
  const now = createYielder(signal);
  const made: string[] = [];
  const madeSet = new Set<string>();
  const makeFolders = (path: string) => {
    for (let at = path; !madeSet.has(at); at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
      madeSet.add(at);
      made.push(at);
      fs.mkdirSync(nativePath(`${upper}${at}`), { recursive: true, mode: 0o700 });
    }
  };
  const children = childrenByFolder(before);
  const pending = [''];
  makeFolders('');
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const names = new Set(listNames(`${root}${folder}`));
    for (const name of children.get(folder) ?? []) {
      if (names.has(name)) continue;
      makeFolders(folder);
      marks.makeWhiteout(nativePath(`${upper}${folder}/${name}`));
    }
    for (const name of names) {
      const pause = now();
      if (pause) await pause;
      const path = `${folder}/${name}`;
      const stat = fs.lstatSync(nativePath(`${root}${path}`), { bigint: true });
      const known = before.get(path);
      const same = known?.inode === Number(stat.ino);
      if (stat.isDirectory() && same) {
        pending.push(path);
        if (known?.changed !== stat.ctimeNs) makeFolders(path);
      } else if (!same || known?.changed !== stat.ctimeNs) {
        makeFolders(folder);
        fs.renameSync(nativePath(`${root}${path}`), nativePath(`${upper}${path}`));
        if (stat.isDirectory() && known !== undefined) marks.makeOpaque(nativePath(`${upper}${path}`));
      }
    }
  }
  for (const folder of made.sort((one, other) => other.length - one.length)) {
    const from = `${root}${folder}`;
    copyAttributes(from, `${upper}${folder}`, { stat: fs.lstatSync(nativePath(from)), posix });
  }
}

function childrenByFolder(states: States): ReadonlyMap<string, readonly string[]> {
  const children = new Map<string, string[]>();
  for (const path of states.keys()) {
    if (path === '') continue;
    const slash = path.lastIndexOf('/');
    const folder = path.slice(0, slash);
    const names = children.get(folder);
    if (names) names.push(path.slice(slash + 1));
    else children.set(folder, [path.slice(slash + 1)]);
  }
  return children;
}
