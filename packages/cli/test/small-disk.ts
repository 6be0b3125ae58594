import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { findProgram, requirePart, type Skips } from '@onebuild/testkit';
import { type CommandOptions, command, type Ended, startCommand } from './start-command.ts';

/** A tmpfs that only commands started through it see: it lives in a mount namespace of its own, and goes with `close`. */
export interface SmallDisk {
  /** Where it is for those commands. */
  readonly path: string;
  /** The same folder for this process. */
  readonly outside: string;
  /** Makes it empty, and so large. Bytes. */
  renew(size: number): void;
  resize(size: number): void;
  /** bytes in use */
  used(): number;
  /** The command, as it is started there. */
  readonly program: readonly [string, ...string[]];
  /** Runs `onebuild ARGS` to its end. */
  run(args: readonly string[], options: CommandOptions): Promise<Ended>;
  /** Runs another program to its end, which has to be a good one. */
  tool(program: string, ...args: readonly string[]): string;
  close(): Promise<void>;
}

/** Whether a small disk can be had here. */
export function requireSmallDisk(t: Skips): boolean {
  const programs = ['unshare', 'nsenter'].every((name) => findProgram(name) !== undefined);
  return requirePart(
    t,
    programs && canMount(),
    'a tmpfs cannot be mounted here: run as root, with util-linux',
  );
}

function canMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** @param path an empty folder is made there */
export async function openSmallDisk(path: string): Promise<SmallDisk> {
  mkdirSync(path);
  const holder = spawn(
    'unshare',
    [
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      'mount -t tmpfs tmpfs "$1"; echo; exec cat',
      'sh',
      path,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const over = new Promise((resolve) => holder.once('exit', resolve));
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  const enter = ['nsenter', '--target', String(holder.pid), '--mount', '--wd=/', '--'] as const;
  const tool: SmallDisk['tool'] = (...line) =>
    execFileSync(enter[0], [...enter.slice(1), ...line], { encoding: 'utf8' });
  return {
    path,
    outside: `/proc/${holder.pid}/root${path}`,
    renew(size) {
      tool('umount', path);
      tool('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path);
    },
    resize(size) {
      tool('mount', '-o', `remount,size=${size}`, path);
    },
    used: () => Number(tool('df', '--block-size=1', '--output=used', path).split('\n')[1]),
    tool,
    program: [...enter, command],
    run: (args, options) => startCommand(args, { ...options, program: [...enter, command] }).ended,
    async close() {
      holder.stdin.end();
      await over;
    },
  };
}
