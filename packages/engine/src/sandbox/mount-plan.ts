import { writeFileSync } from 'node:fs';
import { memoryFolder } from './bundle-folder.ts';
import type { LauncherStep } from './launcher.ts';
import { hostsFile, resolverFile } from './network-files.ts';
import type { PreparedRoot, PrepareRoot } from './prepared-root.ts';
import type { SandboxMount, SandboxSpec } from './sandbox.ts';
import type { ConfigMount } from './sandbox-config.ts';

/** What the mounts of a step come to. */
export interface MountPlan {
  readonly mounts: readonly ConfigMount[];
  readonly steps: readonly LauncherStep[];
  /** What the launcher gets on its standard input, one after the other. */
  readonly input: readonly Uint8Array[];
  readonly roots: readonly PreparedRoot[];
}

export interface MountPlanOptions {
  readonly bundle: string;
  readonly prepareRoot: PrepareRoot;
  readonly signal: AbortSignal;
}

const quiet = ['nosuid', 'noexec', 'nodev'];

export async function planMounts(spec: SandboxSpec, options: MountPlanOptions): Promise<MountPlan> {
  const mounts: ConfigMount[] = networkMounts(spec, options.bundle);
  const steps: LauncherStep[] = [];
  const roots: PreparedRoot[] = [];
  const input: Uint8Array[] = [];
  for (const [at, mount] of spec.mounts.entries()) {
    if (mount.type === 'bind') {
      mounts.push(bind(mount.source, mount.target, mount.readonly ? ['ro'] : []));
    } else if (mount.type === 'tmpfs') {
      mounts.push(tmpfs(mount));
    } else if (mount.type === 'overlay') {
      const root = await options.prepareRoot(mount.root, { ...options, name: `m${at}-` });
      roots.push(root);
      steps.push(...root.steps);
      mounts.push(bind(joinAbsolute(root.path, mount.subpath), mount.target, mount.readonly ? ['ro'] : []));
    } else {
      const file = `${memoryFolder}/secret-${at}`;
      input.push(mount.content);
      steps.push(secretFile(mount, file));
      mounts.push(bind(`${options.bundle}/${file}`, mount.target, ['ro', ...quiet]));
    }
  }
  return { mounts, steps, roots, input };
}

/** Files that this process makes in the bundle. */
function networkMounts(spec: SandboxSpec, bundle: string): ConfigMount[] {
  const files: [name: string, text: string][] = [['hosts', hostsFile(spec)]];
  if (spec.network === 'host') files.push(['resolv.conf', resolverFile()]);
  return files.map(([name, text]) => {
    writeFileSync(`${bundle}/${name}`, text, { mode: 0o644 });
    return bind(`${bundle}/${name}`, `/etc/${name}`, ['ro', ...quiet]);
  });
}

function bind(source: string, destination: string, options: readonly string[]): ConfigMount {
  return { destination, type: 'bind', source, options: ['rbind', 'rprivate', ...options] };
}

function tmpfs({ target, size, mode }: Extract<SandboxMount, { type: 'tmpfs' }>): ConfigMount {
  const options = ['nosuid', 'nodev'];
  if (size !== undefined) options.push(`size=${size}`);
  if (mode !== undefined) options.push(`mode=${mode.toString(8)}`);
  return { destination: target, type: 'tmpfs', source: 'tmpfs', options };
}

function secretFile(mount: Extract<SandboxMount, { type: 'secret' }>, at: string): LauncherStep {
  const { content, uid, gid, mode } = mount;
  return { do: 'file', size: content.length, at, owner: `${uid}:${gid}`, mode: mode.toString(8) };
}

function joinAbsolute(root: string, path: string): string {
  const inside = path.replace(/^\/+|\/+$/g, '');
  return inside === '' ? root : `${root}/${inside}`;
}
