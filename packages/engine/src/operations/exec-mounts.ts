import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fault } from '@onebuild/core';
import type { StepContext } from '../graph/node.ts';
import type { SandboxMount } from '../sandbox/sandbox.ts';
import { snapshotFolders } from '../stack/snapshot-folders.ts';
import { cleanPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve-path.ts';
import { acquireCacheMount } from './cache-mount.ts';
import type { ExecMount, ExecSpec } from './exec-spec.ts';
import { sourceTree } from './file-source.ts';
import type { OperationServices } from './operation-services.ts';
import { readSecret } from './read-secret.ts';
import type { RunUser } from './resolve-user.ts';
import { treeSnapshot } from './tree-snapshot.ts';

export interface PreparedMounts {
  readonly mounts: readonly SandboxMount[];
  /** Variables that hold secrets. */
  readonly env: readonly string[];
  release(): Promise<void>;
}

interface MountJob {
  readonly spec: ExecSpec;
  /** Temp folder of the step. */
  readonly folder: string;
  readonly user: RunUser;
}

/** Turns the mounts of a RUN into those of the sandbox: unpacks what they show, takes the locks of caches. */
export async function prepareMounts(
  services: OperationServices,
  job: MountJob,
  context: StepContext,
): Promise<PreparedMounts> {
  const mounts: SandboxMount[] = [];
  const env: string[] = [];
  const releases: (() => Promise<void>)[] = [];
  const release = async () => {
    for (const one of releases.splice(0)) await one();
  };
  try {
    const caches = await acquireCaches(services, job.spec, releases, context);
    for (const [at, mount] of job.spec.mounts.entries()) {
      switch (mount.type) {
        case 'bind':
          mounts.push(await bindMount(services, mount, join(job.folder, `mount-${at}`), context));
          break;
        case 'cache': {
          const { id, target, readonly } = mount;
          mounts.push({ type: 'bind', source: caches.get(id) ?? '', target, readonly });
          break;
        }
        case 'tmpfs':
          mounts.push(mount);
          break;
        case 'secret': {
          const content = await readSecret(mount.id, mount.content);
          if (mount.env !== undefined) env.push(`${mount.env}=${new TextDecoder().decode(content)}`);
          const { target, uid, gid, mode } = mount;
          if (target !== undefined) mounts.push({ type: 'secret', content, target, uid, gid, mode });
          break;
        }
        case 'ssh':
          mounts.push({ type: 'bind', source: mount.socket, target: mount.target, readonly: true });
          env.push(`SSH_AUTH_SOCK=${mount.target}`);
          break;
      }
    }
    const { script } = job.spec;
    if (script !== undefined) mounts.push(await scriptMount(script, job.folder));
  } catch (error) {
    await release();
    throw error;
  }
  return { mounts, env, release };
}

/**
 * Folders of the cache mounts by their id: each id once however often the step has it, and all steps in the same order, so that no two
 * of them wait for each other.
 */
async function acquireCaches(
  services: OperationServices,
  spec: ExecSpec,
  releases: (() => Promise<void>)[],
  context: StepContext,
): Promise<ReadonlyMap<string, string>> {
  const folders = new Map<string, string>();
  const mounts = spec.mounts.filter((mount) => mount.type === 'cache');
  for (const mount of mounts.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    if (folders.has(mount.id)) continue;
    const cache = await acquireCacheMount(services, mount, context);
    releases.push(cache.release);
    folders.set(mount.id, cache.folder);
  }
  return folders;
}

/** The script of a heredoc: not where secrets are, whose mounts run no programs. */
async function scriptMount(
  script: { readonly path: string; readonly content: string },
  folder: string,
): Promise<SandboxMount> {
  const source = join(folder, 'script');
  await writeFile(source, script.content);
  await chmod(source, 0o755);
  return { type: 'bind', source, target: script.path, readonly: true };
}

async function bindMount(
  services: OperationServices,
  mount: ExecMount & { type: 'bind' },
  folder: string,
  context: StepContext,
): Promise<SandboxMount> {
  const tree = await sourceTree(mount.from, context);
  const wanted = cleanPath(mount.source);
  const path = resolvePath(tree, wanted, { followLast: true });
  if (tree.get(path) === undefined) {
    throw fault('SOURCE_NOT_FOUND', `/${wanted} of --mount=type=bind is not in ${mount.from.name}`);
  }
  const snapshot =
    mount.from.type === 'snapshot'
      ? context.result(mount.from.node)
      : await treeSnapshot(services, { tree, path, source: mount.from.node.key }, context.signal);
  const lowers = await snapshotFolders(snapshot);
  const upper = join(folder, 'upper');
  const work = join(folder, 'work');
  await mkdir(upper, { recursive: true });
  await mkdir(work);
  const { target, readonly } = mount;
  return { type: 'overlay', root: { lowers, upper, work }, subpath: `/${path}`, target, readonly };
}
