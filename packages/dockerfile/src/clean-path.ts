import { posix } from 'node:path';

/** `path` without `.`, `..` where it can go, doubled and trailing slashes; `.` for nothing. As Go's `path.Clean`. */
export function cleanPath(path: string): string {
  const clean = posix.normalize(path);
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
}
