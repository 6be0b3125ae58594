import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fault } from '@onebuild/core';
import type { StepContext, StepLabel } from '../graph/node.ts';
import type { SandboxMount } from '../sandbox/sandbox.ts';
import type { Snapshot } from '../stack/layer.ts';
import { snapshotFolders } from '../stack/snapshot-folders.ts';
import { cleanPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve-path.ts';
import { acquireCacheMount, type CacheMount } from './cache-mount.ts';
import type { ExecMount, ExecSpec } from './exec-spec.ts';
import { sourceTree } from './file-source.ts';
import { freshSnapshots } from './fresh-snapshots.ts';
import type { OperationServices } from './operation-services.ts';
import { mountName } from './mount-content.ts';
import { readSecret } from './read-secret.ts';
import type { RunUser } from './resolve-user.ts';
import type { CacheMountSpec } from './travelling-mounts.ts';
import { treeSnapshot } from './tree-snapshot.ts';

export interface PreparedMounts {
  /** The files below, as the command shall see them. */
  readonly below: Snapshot;
  readonly mounts: readonly SandboxMount[];
  /** Variables that hold secrets. */
  readonly env: readonly string[];
  /** To be called when the command has ended, however. */
  release(): Promise<void>;
}

interface MountJob {
  readonly spec: ExecSpec;
  readonly below: Snapshot;
  readonly label: StepLabel;
  /** Temp folder of the step. */
  readonly folder: string;
  readonly user: RunUser;
}

/**
 * Whether the command may find things in a cache mount that it made of earlier files, and that only their times tell from newer ones. Not
 * where files keep their real times.
 */
export function needsFreshTimes({ mounts, mtime }: ExecSpec): boolean {
  return mtime !== undefined && mounts.some((mount) => mount.type === 'cache' && !mount.readonly);
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
    const [below, shown] = await shownFiles(services, { ...job, caches, releases }, context);
    for (const [at, mount] of job.spec.mounts.entries()) {
      switch (mount.type) {
        case 'bind': {
          const files = shown.get(mount);
          if (files !== undefined)
            mounts.push(await bindMount(mount, files, join(job.folder, `mount-${at}`)));
          break;
        }
        case 'cache': {
          const { target, readonly } = mount;
          mounts.push({ type: 'bind', source: caches.get(mount)?.folder ?? '', target, readonly });
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
    return {
      below,
      mounts,
      env,
      async release() {
        try {
          for (const cache of new Set(caches.values())) cache.used();
        } finally {
          await release();
        }
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

interface ShownFiles {
  readonly snapshot: Snapshot;
  /** In it, free of symlinks. */
  readonly path: string;
}

/** The files below and those of bind mounts, with the times that the command shall see. */
async function shownFiles(
  services: OperationServices,
  job: MountJob & {
    readonly caches: ReadonlyMap<CacheMountSpec, CacheMount>;
    readonly releases: (() => Promise<void>)[];
  },
  context: StepContext,
): Promise<readonly [below: Snapshot, binds: ReadonlyMap<ExecMount, ShownFiles>]> {
  const { spec, below, label, caches, releases } = job;
  const binds = new Map<ExecMount & { type: 'bind' }, ShownFiles>();
  for (const mount of spec.mounts)
    if (mount.type === 'bind') binds.set(mount, await boundFiles(services, mount, context));
  if (!needsFreshTimes(spec)) return [below, binds];
  const folders = spec.mounts.flatMap((mount) =>
    mount.type === 'cache' && !mount.readonly ? [basename(caches.get(mount)?.folder ?? '')] : [],
  );
  const { snapshots, end } = await freshSnapshots(services, {
    mounts: [...new Set(folders)],
    shown: [
      { at: '/', snapshot: below },
      ...[...binds].map(([{ target }, { snapshot }]) => ({ at: target, snapshot })),
    ],
    label,
    signal: context.signal,
  });
  releases.unshift(async () => end());
  const [root = below, ...others] = snapshots;
  return [
    root,
    new Map(
      [...binds].map(([mount, { path, snapshot }], at) => [
        mount,
        { path, snapshot: others[at] ?? snapshot },
      ]),
    ),
  ];
}

/**
 * The folders of the cache mounts: each folder once however often the step has it, and all steps in the same order, so that no two of them
 * wait for each other.
 */
async function acquireCaches(
  services: OperationServices,
  spec: ExecSpec,
  releases: (() => Promise<void>)[],
  context: StepContext,
): Promise<ReadonlyMap<CacheMountSpec, CacheMount>> {
  const caches = new Map<CacheMountSpec, CacheMount>();
  const byName = new Map<string, CacheMountSpec[]>();
  for (const mount of spec.mounts) {
    if (mount.type !== 'cache') continue;
    const name = await mountName(mount, context);
    byName.set(name, [...(byName.get(name) ?? []), mount]);
  }
  for (const [name, mounts] of [...byName].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [first] = mounts;
    if (first === undefined) continue;
    const isWritten = mounts.some(({ readonly }) => !readonly);
    const cache = await acquireCacheMount(services, { ...first, readonly: !isWritten }, { name, context });
    releases.push(cache.release);
    for (const mount of mounts) caches.set(mount, cache);
  }
  return caches;
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

async function boundFiles(
  services: OperationServices,
  { from, source }: ExecMount & { type: 'bind' },
  context: StepContext,
): Promise<ShownFiles> {
  const tree = await sourceTree(from, context);
  const wanted = cleanPath(source);
  const path = resolvePath(tree, wanted, { followLast: true });
  if (tree.get(path) === undefined) {
    throw fault('SOURCE_NOT_FOUND', `/${wanted} of --mount=type=bind is not in ${from.name}`);
  }
  const snapshot =
    from.type === 'snapshot'
      ? context.result(from.node)
      : await treeSnapshot(services, { tree, path, source: from.node.key }, context.signal);
  return { snapshot, path };
}

async function bindMount(
  { target, readonly }: ExecMount & { type: 'bind' },
  { snapshot, path }: ShownFiles,
  folder: string,
): Promise<SandboxMount> {
  const lowers = await snapshotFolders(snapshot);
  const upper = join(folder, 'upper');
  const work = join(folder, 'work');
  await mkdir(upper, { recursive: true });
  await mkdir(work);
  return { type: 'overlay', root: { lowers, upper, work }, subpath: `/${path}`, target, readonly };
}
