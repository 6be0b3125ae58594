import { existsSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { fault, isFault, toFault } from '@onebuild/core';
import { type IgnoreMatcher, parseIgnoreFile } from '@onebuild/dockerfile';
import type { ContextSource, TargetOptions } from '../build-options.ts';
import { createFolderTree } from '../source/folder-tree.ts';
import { holdSource } from '../store/hold-source.ts';
import type { Store } from '../store/store.ts';
import { emptyTree } from '../tree/empty-tree.ts';
import type { FileTree } from '../tree/file-tree.ts';
import { resolvePath } from '../tree/resolve-path.ts';
import { readText } from './read-text.ts';

/** A context on this machine's disk. */
export interface ContextFolder {
  /** undefined: there are no files, the Dockerfile came alone. */
  readonly path: string | undefined;
  /** A Dockerfile that came instead of files. */
  readonly dockerfile?: string;
  /** Seconds; known for git contexts. */
  readonly commitTime?: number;
}

export interface OpenContextServices {
  readonly store: Store;
  readonly signal: AbortSignal;
  /** Variables like HTTPS_PROXY. */
  readonly proxy: Readonly<Record<string, string>>;
  /** Socket of an SSH agent for git. */
  readonly sshAgent: string | undefined;
}

/** What git sees of the surroundings. */
export function gitEnvironment(
  services: Pick<OpenContextServices, 'proxy' | 'sshAgent'>,
): Readonly<Record<string, string>> {
  return {
    ...services.proxy,
    ...(services.sshAgent !== undefined && { SSH_AUTH_SOCK: services.sshAgent }),
  };
}

/** Brings a context to a folder: unpacks archives, fetches repositories. */
export async function openContext(
  source: ContextSource,
  services: OpenContextServices,
): Promise<ContextFolder> {
  const { store, signal, proxy } = services;
  switch (source.type) {
    case 'folder': {
      const stat = statSync(source.path, { throwIfNoEntry: false });
      if (stat?.isDirectory() !== true)
        throw fault(
          'CONTEXT_NOT_FOUND',
          `${source.path} is ${stat === undefined ? 'not there' : 'not a folder'}`,
        );
      return { path: realpathSync(source.path) };
    }
    case 'stream': {
      const { openTarContext } = await import('../source/tar-context.ts');
      return openTarContext(source.stream, { temp: store.temp, signal, name: source.name });
    }
    case 'git': {
      const { fetchGit } = await import('../source/git-context.ts');
      const environment = gitEnvironment(services);
      const { sourcesDir: dir, temp } = store;
      const found = await holdSource(store, () => fetchGit(source.url, { dir, temp, environment, signal }));
      return { path: found.path, commitTime: found.commitTime };
    }
    case 'http': {
      const { openHttpContext } = await import('../source/http-context.ts');
      const { sourcesDir: dir, temp } = store;
      return openHttpContext(source.url, {
        dir,
        temp,
        proxy,
        signal,
        hold: (fetch) => holdSource(store, fetch),
      });
    }
    default:
      throw fault('CONTEXT_NOT_FOUND', `${source.type} cannot be the build context`);
  }
}

export interface DockerfileText {
  readonly name: string;
  readonly text: string;
  readonly ignore: IgnoreMatcher | undefined;
}

/**
 * The Dockerfile and the ignore file that goes with it: `<Dockerfile>.dockerignore` beside it, else `.dockerignore` of the context.
 * @throws DOCKERFILE_NOT_FOUND, IGNORE_PATTERN
 */
export function readDockerfile(
  folder: ContextFolder,
  options: Pick<TargetOptions, 'dockerfile' | 'context'>,
): DockerfileText {
  const wanted = options.dockerfile ?? 'Dockerfile';
  if (folder.dockerfile !== undefined)
    return { name: 'Dockerfile', text: folder.dockerfile, ignore: undefined };
  if (typeof wanted !== 'string') return { ...wanted, ignore: ignoreFile(folder.path, undefined) };
  if (folder.path === undefined) throw fault('DOCKERFILE_NOT_FOUND', 'the context has no files');
  const where = options.context.type === 'folder' ? folder.path : 'the context';
  const path = isAbsolute(wanted) ? wanted : insideContext(folder.path, wanted, where);
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    if (isFault(error)) throw error;
    throw fault('DOCKERFILE_NOT_FOUND', `cannot read ${wanted}: ${toFault(error).message}`, { cause: error });
  }
  return { name: wanted, text, ignore: ignoreFile(folder.path, path) };
}

/** Links in a context must not lead out of it: it may have come from somebody else. */
function insideContext(root: string, wanted: string, where: string): string {
  const tree = createFolderTree(root, {});
  const names = wanted === 'Dockerfile' ? ['Dockerfile', 'dockerfile'] : [wanted];
  for (const name of names) {
    const path = join(root, resolvePath(tree, name, { followLast: true }));
    if (existsSync(path)) return path;
  }
  const others = tree
    .list('')
    .filter((name) => /^(?:Dockerfile|Containerfile)\b|\.Dockerfile$/i.test(name))
    .slice(0, 5);
  throw fault('DOCKERFILE_NOT_FOUND', `there is no ${wanted} in ${where}`, {
    ...(others.length > 0 && { hint: `Name it with -f; there is ${others.join(', ')}.` }),
  });
}

/** `<Dockerfile>.dockerignore`, else `.dockerignore` of the context; undefined where there is neither. */
export function ignoreFile(
  root: string | undefined,
  dockerfile: string | undefined,
): IgnoreMatcher | undefined {
  const inContext = root === undefined ? undefined : createFolderTree(root, {});
  const inside = (path: string) =>
    root !== undefined && inContext !== undefined
      ? join(root, resolvePath(inContext, relative(root, path), { followLast: true }))
      : path;
  const candidates = [
    ...(dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`]),
    ...(root === undefined ? [] : [join(root, '.dockerignore')]),
  ];
  for (const path of candidates) {
    const isInside = root !== undefined && path.startsWith(`${root}/`);
    let text: string;
    try {
      text = readText(isInside ? inside(path) : path);
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ENOENT') continue;
      throw toFault(error);
    }
    return parseIgnoreFile(text, { name: root === undefined ? path : relative(root, path) });
  }
  return undefined;
}

/** The files of a context as COPY sees them. */
export function contextTree(
  folder: ContextFolder,
  ignore: IgnoreMatcher | undefined,
  services: Pick<OpenContextServices, 'store' | 'signal'>,
): FileTree {
  if (folder.path === undefined) return emptyTree;
  return createFolderTree(folder.path, {
    ignore,
    hashes: services.store.fileHashes,
    signal: services.signal,
  });
}
