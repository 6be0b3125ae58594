import { existsSync, lstatSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import type { OverlayMarks } from '../../snapshot/overlay-marks.ts';
import { resolveInLayers } from '../overlay-view.ts';
import type { ConfigMount, SandboxConfig } from '../sandbox-config.ts';
import type { Kernel } from './kernel.ts';
import { flagsOfMount, mountFlag, splitMountOptions } from './mount-flags.ts';

/** A tree that is mounted already has no marks of its own. */
const plainTree: OverlayMarks = { makeWhiteout() {}, makeOpaque() {}, isOpaque: () => false };

/** Puts all mounts of the config below `root`, which nothing else uses yet. */
export function placeMounts(kernel: Kernel, config: SandboxConfig, root: string): void {
  for (const mount of config.mounts) {
    placeMount(kernel, mount, root);
    if (mount.destination === '/dev') fillDevices(kernel, config, root);
  }
  for (const path of config.linux.maskedPaths) {
    const at = findInside(root, path);
    if (at !== undefined) mask(kernel, at);
  }
  for (const path of config.linux.readonlyPaths) {
    const at = findInside(root, path);
    if (at !== undefined) bind(kernel, at, { target: at, flags: mountFlag.readonly });
  }
}

function findInside(root: string, path: string): string | undefined {
  const found = resolveInLayers([root], path, plainTree);
  return found.stat && `${root}/${found.path}`;
}

function placeMount(kernel: Kernel, mount: ConfigMount, root: string): void {
  const { flags, data } = splitMountOptions(mount.options);
  if ((flags & mountFlag.bind) === 0) {
    const target = makeTarget(root, mount.destination, 'folder');
    kernel.mount(mount.source, target, { type: mount.type, flags, data });
    return;
  }
  const kind = statSync(mount.source).isDirectory() ? 'folder' : 'file';
  bind(kernel, mount.source, { target: makeTarget(root, mount.destination, kind), flags });
}

/** The first call can only bind; a second one sets flags such as `ro`. */
function bind(
  kernel: Kernel,
  source: string,
  { target, flags }: { readonly target: string; readonly flags: number },
): void {
  const recursive = mountFlag.bind | mountFlag.recursive;
  kernel.mount(source, target, { type: 'none', flags: recursive, data: '' });
  const extra = flags & ~recursive;
  if (extra === 0) return;
  const all = mountFlag.bind | mountFlag.remount | extra | flagsOfMount(target);
  kernel.mount('none', target, { type: 'none', flags: all, data: '' });
}

/** Where a mount goes: symlinks of the root are followed inside it, what is missing is made. */
function makeTarget(root: string, destination: string, kind: 'folder' | 'file'): string {
  const { path, existing } = resolveInLayers([root], destination, plainTree);
  const names = path.split('/');
  for (let count = existing + 1; count <= names.length; count++) {
    const at = `${root}/${names.slice(0, count).join('/')}`;
    if (count < names.length || kind === 'folder') mkdirSync(at, { mode: 0o755 });
    else writeFileSync(at, '', { flag: 'wx', mode: 0o644 });
  }
  return `${root}/${path}`;
}

function mask(kernel: Kernel, at: string): void {
  if (lstatSync(at).isDirectory())
    kernel.mount('tmpfs', at, { type: 'tmpfs', flags: mountFlag.readonly, data: '' });
  else bind(kernel, '/dev/null', { target: at, flags: 0 });
}

/** OCI runtime spec, config-linux.md#default-devices; the host's nodes, since a user namespace can't make any. */
function fillDevices(kernel: Kernel, { linux }: SandboxConfig, root: string): void {
  const usual = ['null', 'zero', 'full', 'random', 'urandom', 'tty'].map((name) => `/dev/${name}`);
  for (const path of [...usual, ...linux.devices.map((device) => device.path)]) {
    if (existsSync(path)) bind(kernel, path, { target: makeTarget(root, path, 'file'), flags: 0 });
  }
  const folder = makeTarget(root, '/dev', 'folder');
  for (const [name, target] of Object.entries({
    fd: '/proc/self/fd',
    stdin: '/proc/self/fd/0',
    stdout: '/proc/self/fd/1',
    stderr: '/proc/self/fd/2',
    ptmx: 'pts/ptmx',
  })) {
    symlinkSync(target, `${folder}/${name}`);
  }
}
