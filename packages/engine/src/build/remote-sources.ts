import { basename, posix } from 'node:path';
import { withLocation } from '@onebuild/core';
import type { BuildOptions } from '../build-options.ts';
import type { RemoteRequest, RemoteSource } from '../frontend/source-resolver.ts';
import type { Graph } from '../graph/graph.ts';
import type { Node } from '../graph/node.ts';
import { createFolderTree } from '../source/folder-tree.ts';
import { isGitUrl } from '../source/git-url.ts';
import { holdSource } from '../store/hold-source.ts';
import type { Store } from '../store/store.ts';
import type { FileTree } from '../tree/file-tree.ts';
import { singleFileTree } from '../tree/single-file-tree.ts';
import { gitEnvironment } from './open-context.ts';

export interface RemoteServices {
  readonly graph: Graph;
  readonly store: Store;
  readonly options: BuildOptions;
}

/** ADD of a URL: a node that fetches it. A file is mode 0600 and has the server's time; a repository is a folder. */
export function remoteSource(services: RemoteServices, request: RemoteRequest): RemoteSource {
  return isGitUrl(request.url) ? gitSource(services, request) : httpSource(services, request);
}

function httpSource(services: RemoteServices, request: RemoteRequest): RemoteSource {
  const { store, options } = services;
  const { url, checksum, location } = request;
  const name = posix.basename(new URL(url).pathname) || '__unnamed__';
  const path = decodeURIComponent(name).replaceAll('/', '_');
  const node: Node<FileTree> = services.graph.node({
    kind: 'http',
    parameters: { url, checksum },
    inputs: [],
    label: { name: `fetch ${url}`, location },
    heavy: true,
    async run(context) {
      const { fetchSource } = await import('../source/http-source.ts');
      try {
        const file = await holdSource(store, () =>
          fetchSource(url, {
            ...(checksum !== undefined && { checksum }),
            dir: store.sourcesDir,
            temp: store.temp,
            proxy: options.proxy,
            signal: context.signal,
          }),
        );
        const { digest, size, mtime } = file;
        return singleFileTree(
          { path, mode: 0o600, size, mtime, digest },
          { kind: 'layer', layer: posix.dirname(file.path), path: basename(file.path) },
        );
      } catch (error) {
        throw withLocation(error, location);
      }
    },
  });
  return { source: { type: 'tree', node, name: url }, path, isFolder: false };
}

function gitSource(services: RemoteServices, request: RemoteRequest): RemoteSource {
  const { store, options } = services;
  const { url, checksum, keepGitDir, location } = request;
  const environment = gitEnvironment({ proxy: options.proxy, sshAgent: options.ssh['default'] });
  const node: Node<FileTree> = services.graph.node({
    kind: 'git',
    parameters: { url, checksum, keepGitDir },
    inputs: [],
    label: { name: `fetch ${url}`, location },
    heavy: true,
    async run(context) {
      const { fetchGit } = await import('../source/git-context.ts');
      try {
        const found = await holdSource(store, () =>
          fetchGit(url, {
            dir: store.sourcesDir,
            temp: store.temp,
            keepGitDir,
            environment,
            ...(checksum !== undefined && { checksum }),
            signal: context.signal,
          }),
        );
        return createFolderTree(found.path, { hashes: store.fileHashes });
      } catch (error) {
        throw withLocation(error, location);
      }
    },
  });
  return { source: { type: 'tree', node, name: url }, path: '/', isFolder: true };
}
