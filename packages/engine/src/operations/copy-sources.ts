import { fault, type SourceLocation, suggest } from '@onebuild/core';
import { compileGlob } from '@onebuild/dockerfile';
import type { FileTree } from '../tree/file-tree.ts';
import { baseName, cleanPath, joinPath, parentPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve-path.ts';

const magic = /[*?[\\]/;

/**
 * Paths that a source of COPY names: one for a plain path (which must exist), all matches for a pattern (maybe none). The last part
 * of a plain path and links above it are followed; patterns do not look through links.
 * @throws SOURCE_NOT_FOUND
 */
export function findSources(
  tree: FileTree,
  source: string,
  options: { readonly location: SourceLocation; readonly where: string },
): readonly string[] {
  const parts = cleanPath(source).split('/');
  const firstMagic = parts.findIndex((part) => magic.test(part));
  if (firstMagic < 0) {
    const path = parts.join('/');
    const real = resolvePath(tree, path, { followLast: true });
    if (tree.get(real) === undefined) throw notFound(tree, path, options);
    return [path];
  }
  const start = resolvePath(tree, parts.slice(0, firstMagic).join('/'), { followLast: true });
  let found: readonly string[] = [start];
  for (const part of parts.slice(firstMagic)) {
    const matches = compileGlob(part, { location: options.location });
    found = found.flatMap((folder) =>
      tree
        .list(folder)
        .filter(matches)
        .map((name) => joinPath(folder, name)),
    );
  }
  return found;
}

export function notFound(
  tree: FileTree,
  path: string,
  options: { readonly location: SourceLocation; readonly where: string },
): Error {
  const close = suggest(baseName(path), tree.list(parentPath(path)));
  const meant = close === undefined ? '' : ` Did you mean ${joinPath(parentPath(path), close)}?`;
  return fault('SOURCE_NOT_FOUND', `/${path} is not in ${options.where}`, {
    location: options.location,
    hint: `Check the path, and the patterns of \`.dockerignore\`.${meant}`,
  });
}
