import { fault, isFault } from '@onebuild/core';
import type { Posix } from '../posix/posix.ts';
import type { OverlayMarks } from '../snapshot/overlay-marks.ts';
import { makeBundle, memoryFolder, removeBundle } from './bundle-folder.ts';
import { type LauncherStep, launcherArguments } from './launcher.ts';
import { createLimitGroup, type LimitGroup } from './limit-group.ts';
import { type MountPlan, planMounts } from './mount-plan.ts';
import { removeMountStubs, resolveMountTargets } from './mount-stubs.ts';
import { type PreparedRoot, type PrepareRoot } from './prepared-root.ts';
import { runProcessTree, type TreeTools } from './process-tree.ts';
import type { Runtime } from './runtime.ts';
import { readRuntimeFault } from './runtime-fault.ts';
import type { Sandbox, SandboxIo, SandboxResult, SandboxSpec } from './sandbox.ts';
import { createSandboxConfig } from './sandbox-config.ts';
import { type PreparedFilter, prepareFilter } from './seccomp/prepare-filter.ts';

export interface RuntimeSandboxParts {
  readonly isolation: string;
  readonly runtime: Runtime;
  readonly prepareRoot: PrepareRoot;
  readonly posix: Posix;
  readonly marks: OverlayMarks;
  readonly tools: TreeTools & { readonly sh: string };
  /** For bundles; on no network file system. */
  readonly tempDir: string;
  readonly rootless: boolean;
}

/** One process tree per command: setpriv, unshare, the launcher that mounts, the runtime it becomes, the command. */
export function createRuntimeSandbox(parts: RuntimeSandboxParts): Sandbox {
  let prepared: Promise<PreparedFilter | undefined> | undefined;
  return {
    isolation: parts.isolation,
    async run(spec, io) {
      checkMounts(spec);
      const bundle = makeBundle(parts.tempDir);
      let group: LimitGroup | undefined;
      try {
        group = createLimitGroup(spec.id, spec.limits);
        const options = { bundle, prepareRoot: parts.prepareRoot, signal: io.signal };
        const root = await parts.prepareRoot(spec.root, { ...options, name: 'root' });
        const plan = await planMounts(spec, options);
        prepared ??= prepareFilter(parts.runtime.filters);
        const filter = await prepared;
        return await runPlan(parts, { spec, io, bundle, group, root, plan, filter });
      } catch (error) {
        if (io.signal.aborted && !isFault(error)) throw fault('CANCELED', 'the step was canceled');
        throw error;
      } finally {
        await group?.remove();
        removeBundle(bundle);
      }
    },
  };
}

interface Run {
  readonly spec: SandboxSpec;
  readonly io: SandboxIo;
  readonly bundle: string;
  readonly group: LimitGroup;
  readonly root: PreparedRoot;
  readonly plan: MountPlan;
  readonly filter: PreparedFilter | undefined;
}

async function runPlan(parts: RuntimeSandboxParts, run: Run): Promise<SandboxResult> {
  const { spec, io, bundle, group, root, plan, filter } = run;
  const { runtime, rootless, tools, marks } = parts;
  const asked = createSandboxConfig(spec, { root: root.path, mounts: plan.mounts, rootless, filter });
  const destinations = asked.mounts.map(({ destination }) => destination);
  const { targets, stubs } = resolveMountTargets(spec.root, destinations, marks);
  const mounts = asked.mounts.map((mount, at) => ({
    ...mount,
    destination: targets[at] ?? mount.destination,
  }));
  const config = Buffer.from(JSON.stringify({ ...asked, mounts }));
  const steps: readonly LauncherStep[] = [
    ...(runtime.joins ? [] : group.joinFiles.map((file) => ({ do: 'join', file }) as const)),
    ...runtime.steps,
    { do: 'tmpfs', options: 'mode=700', at: memoryFolder },
    { do: 'file', size: config.length, at: `${memoryFolder}/config.json`, owner: '0:0', mode: '600' },
    ...root.steps,
    ...plan.steps,
  ];
  const command = [tools.sh, ...launcherArguments(bundle, steps, runtime.command(spec, group.joinFiles))];
  try {
    const { exitCode, complaint } = await runProcessTree(
      { tools, namespaces: runtime.namespaces(spec), command, input: Buffer.concat([config, ...plan.input]) },
      io,
      parts.posix,
    );
    const outOfMemory = exitCode !== 0 && group.outOfMemory();
    const failure = outOfMemory ? undefined : readRuntimeFault(bundle, { exitCode, complaint }, spec);
    if (failure) throw failure;
    for (const prepared of [root, ...plan.roots]) await prepared.finish();
    return { exitCode, ...(outOfMemory && { outOfMemory }) };
  } finally {
    removeMountStubs(spec.root.upper, stubs);
  }
}

function checkMounts({ mounts }: SandboxSpec): void {
  for (const { target } of mounts) {
    if (!target.startsWith('/') || /^\/+$/.test(target) || target.includes('\0')) {
      throw fault(
        'DOCKERFILE_INSTRUCTION',
        `${JSON.stringify(target)} is no path that something can be mounted on`,
        { hint: 'Give the mount a target: --mount=type=...,target=/path.' },
      );
    }
  }
}
