import { fault, type SourceLocation, suggest } from '@onebuild/core';
import { compileGlob, createPatternMatcher } from '@onebuild/dockerfile';
import type { FileTree } from '../tree/file-tree.ts';
import { baseName, cleanPath, joinPath, parentPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve-path.ts';

const magic = /[*?[\\]/;

export interface SourceRules {
  readonly location: SourceLocation;
  /** `the build context`, `stage build`: for messages. */
  readonly where: string;
  /** All that the build takes of its context, for sources there: BuildKit sends no more, so other folders do not exist for a pattern. */
  readonly taken?: ReadonlySet<string>;
}

/**
 * Paths that a source of COPY names: one for a plain path (which must exist), all matches for a pattern (maybe none, but the folders
 * before its first wildcard must exist). The last part of a plain path and links above it are followed; patterns do not look through links.
 * @throws SOURCE_NOT_FOUND
 */
export function findSources(tree: FileTree, source: string, options: SourceRules): readonly string[] {
  const parts = cleanPath(source).split('/');
  const firstMagic = parts.findIndex((part) => magic.test(part));
  if (firstMagic < 0) {
    const path = parts.join('/');
    const real = resolvePath(tree, path, { followLast: true });
    if (tree.get(real) === undefined) throw notFound(tree, path, options);
    return [path];
  }
  const folder = parts.slice(0, firstMagic).join('/');
  const start = resolvePath(tree, folder, { followLast: true });
  if (start !== '' && tree.get(start) === undefined) throw notFound(tree, folder, options);
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
  if (found.length === 0) refuseUntaken(tree, { folder: start, source: parts.join('/') }, options);
  return found;
}

/**
 * For a pattern that nothing matches: the folder before its first wildcard, in the form without links, must be one that the build takes.
 * @throws SOURCE_NOT_FOUND
 */
export function refuseUntaken(
  tree: FileTree,
  { folder, source }: { readonly folder: string; readonly source: string },
  options: SourceRules,
): void {
  if (folder === '' || options.taken === undefined || isTaken(tree, folder, options)) return;
  throw fault('SOURCE_NOT_FOUND', `nothing in ${options.where} matches /${source}`, {
    location: options.location,
    hint: 'Check the pattern, and those of `.dockerignore`.',
  });
}

/**
 * Whether `folder`, or something in it, goes with what the build takes. BuildKit reads the sources as patterns of ignore files here, where
 * `**` stands for any number of folders.
 */
function isTaken(tree: FileTree, folder: string, { taken = new Set(), location }: SourceRules): boolean {
  const sources = [...taken].map((source) => cleanPath(source)).filter((source) => !source.startsWith('!'));
  if (sources.includes('')) return true;
  const followed = sources
    .filter((source) => !magic.test(source))
    .map((source) => resolvePath(tree, source, { followLast: true }));
  const patterns = createPatternMatcher([...sources, ...followed], { location });
  const visit = (path: string): boolean =>
    patterns.ignores(path) || tree.list(path).some((name) => visit(joinPath(path, name)));
  return visit(folder);
}

export function notFound(
  tree: FileTree,
  path: string,
  options: Pick<SourceRules, 'location' | 'where'>,
): Error {
  const wanted = baseName(path);
  const others = tree.list(parentPath(path)).filter((name) => name !== wanted);
  const close = suggest(wanted, others);
  const meant = close === undefined ? '' : ` Did you mean \`${joinPath(parentPath(path), close)}\`?`;
  return fault('SOURCE_NOT_FOUND', `/${path} is not in ${options.where}`, {
    location: options.location,
    hint: `Check the path, and the patterns of \`.dockerignore\`.${meant}`,
  });
}
