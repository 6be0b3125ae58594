import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fault } from '@onebuild/core';
import type { StepContext } from '../graph/node.ts';
import type { SandboxMount } from '../sandbox/sandbox.ts';
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
    for (const [at, mount] of job.spec.mounts.entries()) {
      switch (mount.type) {
        case 'bind':
          mounts.push(await bindMount(services, mount, join(job.folder, `mount-${at}`), context));
          break;
        case 'cache': {
          const cache = await acquireCacheMount(services, mount, context);
          releases.push(cache.release);
          const { target, readonly } = mount;
          mounts.push({ type: 'bind', source: cache.folder, target, readonly });
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
    if (script !== undefined) {
      mounts.push({
        type: 'secret',
        content: new TextEncoder().encode(script.content),
        target: script.path,
        uid: 0,
        gid: 0,
        mode: 0o755,
      });
    }
  } catch (error) {
    await release();
    throw error;
  }
  return { mounts, env, release };
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
      : await treeSnapshot(services, tree, path, context.signal);
  const lowers = await Promise.all(snapshot.layers.map((layer) => layer.directory()));
  const upper = join(folder, 'upper');
  const work = join(folder, 'work');
  await mkdir(upper, { recursive: true });
  await mkdir(work);
  const { target, readonly } = mount;
  return { type: 'overlay', root: { lowers, upper, work }, subpath: `/${path}`, target, readonly };
}
