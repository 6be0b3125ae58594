/** Paths of trees: relative, no leading slash, `''` is the root. */

/** Joins, cleans `.` and doubled slashes, and keeps `..` from leaving the root (Go's `path.Clean` of a rooted path). */
export function cleanPath(...parts: readonly string[]): string {
  const kept: string[] = [];
  for (const part of parts) {
    for (const name of part.split('/')) {
      if (name === '' || name === '.') continue;
      if (name === '..') kept.pop();
      else kept.push(name);
    }
  }
  return kept.join('/');
}

/** The folder a path is in; `''` for names at the top. */
export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function joinPath(folder: string, name: string): string {
  if (folder === '') return name;
  return name === '' ? folder : `${folder}/${name}`;
}

/** `path` and all folders above it, the topmost first, without the root: `a/b` gives `a`, `a/b`. */
export function pathAndParents(path: string): readonly string[] {
  const result: string[] = [];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) result.push(path.slice(0, at));
  if (path !== '') result.push(path);
  return result;
}
