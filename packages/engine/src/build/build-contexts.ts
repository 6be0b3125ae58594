import { type Dockerfile, type IgnoreMatcher, parseDockerfile } from '@onebuild/dockerfile';
import type { ContextSource, TargetOptions } from '../build-options.ts';
import { canonicalText } from '../graph/canonical-text.ts';
import type { Graph } from '../graph/graph.ts';
import type { FileSource } from '../operations/file-source.ts';
import {
  type ContextFolder,
  contextTree,
  type DockerfileText,
  type OpenContextServices,
  openContext,
  readDockerfile,
} from './open-context.ts';

/** A Dockerfile, read and parsed. */
export interface OpenDockerfile {
  readonly file: DockerfileText;
  readonly dockerfile: Dockerfile;
}

/** The contexts of one build: each is opened once, and is one node of the graph, however many targets use it. */
export interface BuildContexts {
  /** @throws as `openContext` */
  open(source: ContextSource, services: OpenContextServices): Promise<ContextFolder>;
  /**
   * Read and parsed once, however many targets build from it.
   * @throws as `readDockerfile` and `parseDockerfile`
   */
  dockerfile(folder: ContextFolder, options: Pick<TargetOptions, 'dockerfile' | 'context'>): OpenDockerfile;
  /** The files that are not ignored. `name`: of a named context, empty for the build context. */
  files(
    name: string,
    folder: ContextFolder,
    ignore: IgnoreMatcher | undefined,
  ): FileSource & { readonly type: 'tree' };
  /** Seconds: of the last commit of a folder; undefined where there is none. */
  commitTime(path: string): Promise<number | undefined>;
}

export function createBuildContexts(
  graph: Graph,
  services: Pick<OpenContextServices, 'store' | 'signal'>,
): BuildContexts {
  const folders = new Map<unknown, Promise<ContextFolder>>();
  const dockerfiles = new Map<string, OpenDockerfile>();
  const commitTimes = new Map<string, Promise<number | undefined>>();
  /** By what is in them: the name that their node has. */
  const trees = new Map<string, unknown>();
  const names = new Map<string, number>();

  /** Names tell contexts apart, not paths: a folder that moved is the same context. */
  function parametersOf(name: string, content: string): unknown {
    let parameters = trees.get(content);
    if (parameters === undefined) {
      const count = names.get(name) ?? 0;
      names.set(name, count + 1);
      parameters = count === 0 ? { name } : { name, count };
      trees.set(content, parameters);
    }
    return parameters;
  }

  return {
    open(source, outside) {
      const key = source.type === 'stream' ? source.stream : canonicalText([source, outside.sshAgent]);
      let folder = folders.get(key);
      if (folder === undefined) {
        folder = openContext(source, outside);
        folders.set(key, folder);
      }
      return folder;
    },
    dockerfile(folder, options) {
      const { path = null, dockerfile = null } = folder;
      const key = canonicalText([path, dockerfile, options.dockerfile ?? null, options.context.type]);
      let open = dockerfiles.get(key);
      if (open === undefined) {
        const file = readDockerfile(folder, options);
        open = { file, dockerfile: parseDockerfile(file.text, { name: file.name }) };
        dockerfiles.set(key, open);
      }
      return open;
    },
    files(name, folder, ignore) {
      const parameters = parametersOf(name, canonicalText([folder.path ?? null, ignore?.patterns ?? null]));
      return {
        type: 'tree',
        name: name === '' ? 'the build context' : `context ${name}`,
        node: graph.node({
          kind: 'context',
          parameters,
          inputs: [],
          label: { name: `context ${name}`, quiet: true },
          run: async () => contextTree(folder, ignore, services),
        }),
      };
    },
    commitTime(path) {
      let time = commitTimes.get(path);
      if (time === undefined) {
        time = import('../source/commit-time.ts').then((module) => module.commitTime(path));
        commitTimes.set(path, time);
      }
      return time;
    },
  };
}
