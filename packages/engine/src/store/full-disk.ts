import { fault, isFault } from '@onebuild/core';
import { hasRoom } from './disk-room.ts';

/** Adds to DISK_FULL which disk it is and what helps, where it does not say that yet; gives back all else as it is. */
export function nameFullDisk(
  error: unknown,
  place: { readonly what: string; readonly path: string; readonly hint: string },
): unknown {
  if (!isFault(error, 'DISK_FULL') || error.details['path'] !== undefined) return error;
  const { what, path, hint } = place;
  return fault('DISK_FULL', `no room is left on the disk of ${what} ${path}: ${error.message}`, {
    hint,
    details: { ...error.details, path },
    ...(error.location && { location: error.location }),
    cause: error,
  });
}

/** Bytes below which a sandbox may not come up. */
const roomForSandbox = 1 << 20;

/** A command or its sandbox that failed while the disk of `path` has no room failed for that. */
export function blameFullDisk(error: unknown, path: string): unknown {
  if (!isFault(error, 'STEP_FAILED', 'SANDBOX_FAILED')) return error;
  // where the sandbox failed itself, what filled the disk may be gone by now, for a step that ended beside this one
  const isSandbox = error.code === 'SANDBOX_FAILED';
  const saysSo = isSandbox && /no space left on device/i.test(error.message);
  if (!saysSo && hasRoom(path, isSandbox ? roomForSandbox : undefined)) return error;
  return fault('DISK_FULL', error.message, {
    details: error.details,
    ...(error.location && { location: error.location }),
    cause: error,
  });
}
