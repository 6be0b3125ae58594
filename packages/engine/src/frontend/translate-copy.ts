import { fault } from '@onebuild/core';
import type { AddInstruction, CopyInstruction } from '@onebuild/dockerfile';
import type { StepLabel } from '../graph/node.ts';
import { type CopySource, copyNode, folderNode } from '../operations/copy-operation.ts';
import { isGitUrl } from '../source/git-url.ts';
import { createMemoryTree } from '../source/memory-tree.ts';
import { cleanPath } from '../tree/path.ts';
import type { FrontendServices } from './frontend-services.ts';
import { checkedPath } from './stage-limits.ts';
import type { StageState } from './stage-state.ts';

export async function translateCopy(
  services: FrontendServices,
  state: StageState,
  copy: CopyInstruction | AddInstruction,
  label: StepLabel,
): Promise<void> {
  if (copy.kind === 'ADD' && copy.checksum !== undefined && !copy.sources.every(isRemote)) {
    throw fault('DOCKERFILE_INSTRUCTION', '--checksum is for sources at a URL', {
      location: services.locate(copy.location),
      hint: 'Leave --checksum out: files of the context are known by their content.',
    });
  }
  const sources = [
    ...(await Promise.all(copy.sources.map((path) => namedSource(services, state, copy, path)))),
    ...inlineSources(services, copy),
  ];
  state.made++;
  const node = copyNode(
    services.operations,
    {
      onto: state.snapshot,
      location: services.locate(copy.location),
      spec: {
        sources,
        dest: destination(state, copy.dest),
        chown: copy.chown,
        chmod: copy.chmod,
        exclude: copy.exclude,
        link: copy.link,
        mtime: services.insideTime(state),
        folderTime: services.insideTime(state) ?? state.startTime,
      },
    },
    label,
  );
  state.snapshot = node;
  state.history.push({ createdBy: `${copy.original} # buildkit`, node });
}

function isRemote(path: string): boolean {
  return /^https?:\/\//.test(path) || isGitUrl(path);
}

/** Absolute; a slash at the end says that it is a folder, and so do `.` and an empty rest. */
function destination(state: StageState, dest: string): string {
  const isFolder = /(^|\/)\.?$/.test(dest);
  const path = checkedPath(cleanPath(dest.startsWith('/') ? '' : (state.config.WorkingDir ?? ''), dest));
  return isFolder && path !== '' ? `/${path}/` : `/${path}`;
}

async function namedSource(
  services: FrontendServices,
  state: StageState,
  copy: CopyInstruction | AddInstruction,
  path: string,
): Promise<CopySource> {
  const location = services.locate(copy.location);
  if (copy.kind === 'COPY') {
    if (isRemote(path)) {
      throw fault('DOCKERFILE_INSTRUCTION', `COPY cannot fetch ${path}`, { location, hint: 'Use ADD.' });
    }
    if (copy.from === undefined) return { ...(await contextSource(services, path)), parents: copy.parents };
    const from = await services.sources.from(copy.from, state, location);
    return { from, path, unpack: false, parents: copy.parents };
  }
  if (isRemote(path)) {
    const remote = await services.sources.remote({
      url: path,
      checksum: copy.checksum,
      keepGitDir: copy.keepGitDir ?? false,
      location,
      platform: state.platform,
    });
    return { from: remote.source, path: remote.path, unpack: !remote.isFolder && copy.unpack === true };
  }
  return { ...(await contextSource(services, path)), unpack: copy.unpack ?? true };
}

async function contextSource(services: FrontendServices, path: string): Promise<CopySource> {
  services.taken.add(path);
  return { from: await services.sources.context(), path, unpack: false, taken: services.taken };
}

/** Heredocs: files of mode 0644 whose content stands in the Dockerfile. */
function inlineSources(
  services: FrontendServices,
  copy: CopyInstruction | AddInstruction,
): readonly CopySource[] {
  return copy.inlineSources.map(({ path, content }) => {
    if (path.includes('/')) {
      throw fault('DOCKERFILE_INSTRUCTION', `the heredoc name ${path} holds a slash`, {
        location: services.locate(copy.location),
        hint: 'Name folders in the destination.',
      });
    }
    const tree = createMemoryTree([{ path, content: Buffer.from(content), mode: 0o644 }]);
    const node = services.operations.graph.node({
      kind: 'inline',
      parameters: { path, content },
      inputs: [],
      label: { name: `heredoc ${path}`, quiet: true },
      run: async () => tree,
    });
    return { from: { type: 'tree', node, name: 'the Dockerfile' }, path, unpack: false };
  });
}

/** WORKDIR: makes the folder, too. */
export function translateWorkdir(
  services: FrontendServices,
  state: StageState,
  workdir: {
    readonly path: string;
    readonly original: string;
    readonly location: Parameters<FrontendServices['locate']>[0];
  },
  label: StepLabel,
): void {
  const { config } = state;
  const path = checkedPath(
    cleanPath(workdir.path.startsWith('/') ? '' : (config.WorkingDir ?? ''), workdir.path),
  );
  config.WorkingDir = `/${path}`;
  if (path === '') {
    state.history.push({ createdBy: workdir.original });
    return;
  }
  state.made++;
  const node = folderNode(
    services.operations,
    {
      onto: state.snapshot,
      path,
      user: config.User ?? '',
      mtime: services.insideTime(state) ?? state.startTime,
      location: services.locate(workdir.location),
    },
    label,
  );
  state.snapshot = node;
  state.history.push({ createdBy: workdir.original, node });
}
