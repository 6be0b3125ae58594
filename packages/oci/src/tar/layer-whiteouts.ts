import { fault } from '@onebuild/core';

/** A path that a layer removes (`whiteout`), or a directory whose lower content it hides (`opaque`): OCI image spec, layer.md#whiteouts. */
export interface Whiteout {
  readonly path: string;
  readonly type: 'whiteout' | 'opaque';
}

const prefix = '.wh.';
const opaqueName = '.wh..wh..opq';

/**
 * What a member's clean path means; `undefined` when it is an ordinary file.
 * @throws TAR_INVALID for a whiteout that names nothing, `.` or `..`
 */
export function decodeWhiteout(path: string): Whiteout | undefined {
  const start = path.lastIndexOf('/') + 1;
  if (!path.startsWith(prefix, start)) return undefined;
  const name = path.slice(start);
  if (name === opaqueName) return { path: path.slice(0, Math.max(start - 1, 0)), type: 'opaque' };
  const removed = name.slice(prefix.length);
  if (removed === '' || removed === '.' || removed === '..') {
    throw fault('TAR_INVALID', `${JSON.stringify(path)} is a whiteout of nothing`);
  }
  return { path: path.slice(0, start) + removed, type: 'whiteout' };
}

/** The path of the empty file that says it in an archive. */
export function encodeWhiteout({ path, type }: Whiteout): string {
  if (type === 'opaque') return path === '' ? opaqueName : `${path}/${opaqueName}`;
  const start = path.lastIndexOf('/') + 1;
  return `${path.slice(0, start)}${prefix}${path.slice(start)}`;
}

/** Book-keeping of AUFS (`.wh..wh.plnk`, `.wh..wh.aufs`) at the root of old layers, which is no content. */
export function isAufsMetadata(path: string): boolean {
  return path.startsWith('.wh..wh.') && path !== opaqueName;
}
