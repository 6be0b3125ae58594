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

/** A command or its sandbox that failed while the disk of `path` has no room failed for that. */
export function blameFullDisk(error: unknown, path: string): unknown {
  if (!isFault(error, 'STEP_FAILED', 'SANDBOX_FAILED')) return error;
  // what was in the way may be gone by now, for a step that failed beside this one
  const saysSo = error.code === 'SANDBOX_FAILED' && /no space left on device/i.test(error.message);
  if (!saysSo && hasRoom(path)) return error;
  return fault('DISK_FULL', error.message, {
    details: error.details,
    ...(error.location && { location: error.location }),
    cause: error,
  });
}
