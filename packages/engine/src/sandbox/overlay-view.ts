import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { fault } from '@onebuild/core';
import { isWhiteout, type OverlayMarks } from '../snapshot/overlay-marks.ts';

/** A path as a process inside would reach it. */
export interface ResolvedPath {
  /** Free of symlinks, relative to the root, without leading slash; `''` is the root. */
  readonly path: string;
  /** How many of its components exist. */
  readonly existing: number;
  /** Of the whole path, where it exists. */
  readonly stat?: Stats;
}

/** path_resolution(7) */
const maxLinks = 40;

/** Follows `path` through folders that overlayfs would show as one (`layers`, top first), symlinks never leading out. */
export function resolveInLayers(layers: readonly string[], path: string, marks: OverlayMarks): ResolvedPath {
  const names: string[] = [];
  /** The folders that make up each component of `names`, the root first; empty where it doesn't exist. */
  const trail: (readonly string[])[] = [layers];
  const rest = path.split('/').reverse();
  let stat: Stats | undefined = lstatSync(layers[0] ?? '/', { throwIfNoEntry: false });
  for (let links = 0; ; ) {
    const name = rest.pop();
    if (name === undefined) break;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      names.pop();
      if (trail.length > 1) trail.pop();
      stat = undefined;
      continue;
    }
    const found = lookUp(trail.at(-1) ?? [], name, marks);
    stat = found?.stat;
    if (found?.link === undefined) {
      names.push(name);
      trail.push(found?.folders ?? []);
      continue;
    }
    if (++links > maxLinks) throw fault('SANDBOX_FAILED', `too many symbolic links in ${path}`);
    if (found.link.startsWith('/')) {
      names.length = 0;
      trail.length = 1;
    }
    rest.push(...found.link.split('/').reverse());
  }
  let existing = trail.slice(1).findIndex((folders) => folders.length === 0);
  if (existing < 0) existing = names.length;
  else if (existing === names.length - 1 && stat !== undefined) existing = names.length;
  return { path: names.join('/'), existing, ...(stat && { stat }) };
}

interface Found {
  readonly stat: Stats;
  readonly link?: string;
  /** Empty when it isn't a folder. */
  readonly folders: readonly string[];
}

function lookUp(parents: readonly string[], name: string, marks: OverlayMarks): Found | undefined {
  const folders: string[] = [];
  let top: Stats | undefined;
  for (const parent of parents) {
    const at = `${parent}/${name}`;
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (isWhiteout(stat)) break;
    if (!stat.isDirectory()) {
      if (top) break;
      return { stat, folders: [], ...(stat.isSymbolicLink() && { link: readlinkSync(at) }) };
    }
    top ??= stat;
    folders.push(at);
    if (marks.isOpaque(at)) break;
  }
  return top && { stat: top, folders };
}
