import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fault } from '@onebuild/core';
import { isOwnerAlive, processOwner } from '../store/process-owner.ts';
import { type CgroupMount, readCgroupMounts } from './cgroup-mounts.ts';
import type { SandboxSpec } from './sandbox.ts';

/** Control groups of one command. */
export interface LimitGroup {
  /** A process that writes 0 into these is in, with all that it starts. */
  readonly joinFiles: readonly string[];
  /** Whether the memory limit ended a process of it. */
  outOfMemory(): boolean;
  /** Call it when all processes have ended. */
  remove(): Promise<void>;
}

type Limits = Pick<SandboxSpec['limits'], 'memory' | 'cpus'>;

const noLimits: LimitGroup = {
  joinFiles: [],
  outOfMemory: () => false,
  remove: () => Promise.resolve(),
};

/** Microseconds; what Docker uses for `--cpus`. */
const period = 100_000;

/**
 * Makes control groups for the limits that are asked for; version 1 below the group of this process, version 2 where
 * the controllers may be handed on.
 * @throws LIMIT_UNAVAILABLE
 */
export function createLimitGroup(id: string, limits: Limits): LimitGroup {
  if (limits.memory === undefined && limits.cpus === undefined) return noLimits;
  const wanted = [
    ...(limits.memory === undefined ? [] : ['memory']),
    ...(limits.cpus === undefined ? [] : ['cpu']),
  ];
  const mounts = readCgroupMounts();
  const name = `onebuild-${processOwner(process.pid).replace(':', '-')}-${id}`;
  const folders = new Set<string>();
  const reasons: string[] = [];
  for (const controller of wanted) {
    const folder = makeSomewhere(placesFor(controller, mounts), name, { controller, reasons });
    if (folder === undefined) {
      removeFolders(folders);
      throw fault(
        'LIMIT_UNAVAILABLE',
        `no control group with the ${controller} controller can be made here`,
        {
          details: { reason: reasons.join('; ') || 'no such controller' },
        },
      );
    }
    folders.add(folder);
  }
  const all = [...folders];
  try {
    for (const folder of all) setLimits(folder, limits);
  } catch (error) {
    removeFolders(folders);
    throw fault('LIMIT_UNAVAILABLE', `the limit is not accepted: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return {
    joinFiles: all.map((folder) => `${folder}/cgroup.procs`),
    outOfMemory: () => all.some(killedForMemory),
    async remove() {
      // The kernel lets go of a group a moment after its last process.
      for (let tries = 0; tries < 50 && !removeFolders(folders); tries++) await setTimeout(10);
    },
  };
}

/** Folders to make a group in, the best first. */
function placesFor(controller: string, mounts: readonly CgroupMount[]): readonly string[] {
  const one = mounts.find((mount) => mount.controllers.includes(controller));
  if (one) return [...(one.own === undefined ? [] : [one.own]), one.mountPoint];
  const two = mounts.find(
    ({ version, mountPoint }) =>
      version === 2 && readText(`${mountPoint}/cgroup.controllers`).split(/\s/).includes(controller),
  );
  if (!two) return [];
  return [two.mountPoint, ...(two.own === undefined || two.own === two.mountPoint ? [] : [two.own])];
}

/** In the first place that takes it. */
function makeSomewhere(
  places: readonly string[],
  name: string,
  options: Parameters<typeof tryMake>[2],
): string | undefined {
  for (const place of places) {
    const folder = tryMake(place, name, options);
    if (folder !== undefined) return folder;
  }
  return undefined;
}

function tryMake(
  place: string,
  name: string,
  { controller, reasons }: { readonly controller: string; readonly reasons: string[] },
): string | undefined {
  const folder = `${place}/${name}`;
  try {
    removeLeftovers(place);
    mkdirSync(folder, { recursive: true });
    if (existsSync(`${folder}/cgroup.controllers`)) handOn(place, folder, controller);
    return folder;
  } catch (error) {
    reasons.push((error as Error).message);
    removeFolders(new Set([folder]));
    return undefined;
  }
}

/**
 * Version 2: a group gives controllers to its children only when it has no processes itself (but for the topmost one).
 * In a group that was handed to the user, our own processes move out of the way, into a child.
 */
function handOn(place: string, folder: string, controller: string): void {
  const has = () => readText(`${folder}/cgroup.controllers`).split(/\s/).includes(controller);
  if (has()) return;
  try {
    writeFileSync(`${place}/cgroup.subtree_control`, `+${controller}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
    const aside = `${place}/onebuild`;
    mkdirSync(aside, { recursive: true });
    for (const pid of readText(`${place}/cgroup.procs`).split('\n').filter(Boolean)) {
      writeFileSync(`${aside}/cgroup.procs`, pid);
    }
    writeFileSync(`${place}/cgroup.subtree_control`, `+${controller}`);
  }
  if (!has()) throw new Error(`${place} does not hand on ${controller}`);
}

/** Groups of processes that were killed: a group that is in use can't be removed, so trying is safe. */
function removeLeftovers(place: string): void {
  for (const name of readdirSync(place)) {
    const [, pid, start] = /^onebuild-(\d+)-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && !isOwnerAlive(`${pid}:${start}`)) removeFolders(new Set([`${place}/${name}`]));
  }
}

function setLimits(folder: string, { memory, cpus }: Limits): void {
  const has = (file: string) => existsSync(`${folder}/${file}`);
  const set = (file: string, value: number | string) => writeFileSync(`${folder}/${file}`, String(value));
  if (memory !== undefined && has('memory.max')) {
    set('memory.max', memory);
    if (has('memory.swap.max')) set('memory.swap.max', 0);
  } else if (memory !== undefined && has('memory.limit_in_bytes')) {
    set('memory.limit_in_bytes', memory);
    if (has('memory.memsw.limit_in_bytes')) set('memory.memsw.limit_in_bytes', memory);
  }
  if (cpus === undefined) return;
  const quota = Math.max(1000, Math.round(cpus * period));
  if (has('cpu.max')) set('cpu.max', `${quota} ${period}`);
  else if (has('cpu.cfs_quota_us')) {
    set('cpu.cfs_period_us', period);
    set('cpu.cfs_quota_us', quota);
  }
}

function killedForMemory(folder: string): boolean {
  const text = readText(`${folder}/memory.events`) || readText(`${folder}/memory.oom_control`);
  return Number(/^oom_kill (\d+)/m.exec(text)?.[1] ?? 0) > 0;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** @returns whether all are gone */
function removeFolders(folders: ReadonlySet<string>): boolean {
  let gone = true;
  for (const folder of folders) {
    try {
      rmdirSync(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') gone = false;
    }
  }
  return gone;
}
