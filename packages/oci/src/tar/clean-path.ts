/** An empty, `.` or `..` component, which a clean path has none of. */
const unclean = /(?:^|\/)\.{0,2}(?:\/|$)/;

/**
 * The form of `LayerEntry.path` of a name in an archive: relative, without `.`, `..` and needless slashes; `''` for the
 * root. `undefined` when `..` leaves the root or the name has a NUL.
 */
export function cleanPath(name: string): string | undefined {
  if (!unclean.test(name)) return name.includes('\0') ? undefined : name;
  if (name.includes('\0')) return undefined;
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** Whether `path` is in the form of `LayerEntry.path`. */
export function isCleanPath(path: string): boolean {
  return path === '' || !(unclean.test(path) || path.includes('\0'));
}
