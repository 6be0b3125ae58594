import { toFault } from '@onebuild/core';
import { nameFullDisk } from '../store/full-disk.ts';

/** What went wrong at `path`, or at a stream, where the user wants a result. */
export function destinationFault(error: unknown, path: string | undefined): unknown {
  const known = toFault(error);
  if (path === undefined) return known;
  return nameFullDisk(known, {
    what: 'the output',
    path,
    hint: 'Free space there, or write it somewhere else.',
  });
}
