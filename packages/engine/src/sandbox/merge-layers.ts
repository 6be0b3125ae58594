import * as fs from 'node:fs';
import { nativePath } from '../posix/native-path.ts';
import type { Posix } from '../posix/posix.ts';
import { copyTrusted } from '../snapshot/copy-file.ts';
import { isWhiteout, type OverlayMarks } from '../snapshot/overlay-marks.ts';
import { listNames } from '../snapshot/read-entry.ts';
import { createYielder } from '../snapshot/yield-now-and-then.ts';

export interface MergeOptions {
  readonly posix: Posix;
  readonly marks: OverlayMarks;
  readonly signal: AbortSignal;
}

/** Copies a layer in overlayfs form onto the folder `into`, which then shows what overlayfs would show. */
export async function mergeLayer(layer: string, into: string, options: MergeOptions): Promise<void> {
  const now = createYielder(options.signal);
  /** Names of files with several, by inode: bonds stay. */
  const linked = new Map<string, string>();
  const pending = [''];
  const folders: string[] = [];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    folders.push(folder);
    for (const name of listNames(`${layer}${folder}`)) {
      const pause = now();
      if (pause) await pause;
      const path = `${folder}/${name}`;
      const from = `${layer}${path}`;
      const stat = fs.lstatSync(nativePath(from));
      const to = `${into}${path}`;
      const isFolder = stat.isDirectory();
      makeRoom(to, isFolder && !options.marks.isOpaque(nativePath(from)));
      if (isFolder) {
        fs.mkdirSync(nativePath(to), { recursive: true, mode: 0o700 });
        pending.push(path);
      } else if (!isWhiteout(stat)) {
        copyEntry(from, to, { stat, linked, posix: options.posix });
      }
    }
  }
  // The deepest first: times of folders last.
  for (const folder of folders.toReversed()) {
    const from = `${layer}${folder}`;
    copyAttributes(from, `${into}${folder}`, { stat: fs.lstatSync(nativePath(from)), posix: options.posix });
  }
}

/** Removes what is in the way; a folder may stay for a folder. */
function makeRoom(path: string, folderMayStay: boolean): void {
  const at = nativePath(path);
  const stat = fs.lstatSync(at, { throwIfNoEntry: false });
  if (stat === undefined || (folderMayStay && stat.isDirectory())) return;
  fs.rmSync(at, { recursive: true });
}

interface CopyOptions {
  readonly stat: fs.Stats;
  readonly linked: Map<string, string>;
  readonly posix: Posix;
}

function copyEntry(from: string, to: string, { stat, linked, posix }: CopyOptions): void {
  const at = nativePath(to);
  const inode = `${stat.dev}:${stat.ino}`;
  const first = stat.nlink > 1 ? linked.get(inode) : undefined;
  if (first !== undefined) {
    fs.linkSync(nativePath(first), at);
    return;
  }
  if (stat.nlink > 1) linked.set(inode, to);
  if (stat.isFile()) copyTrusted(from, at);
  else if (stat.isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(nativePath(from), 'buffer'), at);
  else if (stat.isFIFO()) posix.makeNode(at, fs.constants.S_IFIFO);
  else return;
  copyAttributes(from, to, { stat, posix });
}

/** Owner, then mode, then extended attributes (all but overlayfs' own), then times. */
export function copyAttributes(
  from: string,
  to: string,
  { stat, posix }: { readonly stat: fs.Stats; readonly posix: Posix },
): void {
  const [source, target] = [nativePath(from), nativePath(to)];
  fs.lchownSync(target, stat.uid, stat.gid);
  if (!stat.isSymbolicLink()) fs.chmodSync(target, stat.mode & 0o7777);
  for (const name of posix.listXattrs(source)) {
    if (!/^security\.capability$|^user\.(?!overlay\.)/.test(name)) continue;
    posix.setXattr(target, name, posix.getXattr(source, name) ?? Buffer.alloc(0));
  }
  fs.lutimesSync(target, stat.atime, stat.mtime);
}
