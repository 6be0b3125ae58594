import { readFileSync } from 'node:fs';

/** MS_ flags of mount(2). */
export const mountFlag = {
  readonly: 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  remount: 32,
  bind: 4096,
  recursive: 16384,
  private: 1 << 18,
} as const;

const flagOf: Readonly<Record<string, number>> = {
  ro: mountFlag.readonly,
  nosuid: mountFlag.nosuid,
  nodev: mountFlag.nodev,
  noexec: mountFlag.noexec,
  strictatime: 1 << 24,
  noatime: 1024,
  nodiratime: 2048,
  relatime: 1 << 21,
  bind: mountFlag.bind,
  rbind: mountFlag.bind | mountFlag.recursive,
};

/** Propagation is private everywhere in the sandbox. */
const ignored = new Set(['rprivate', 'private', 'rw']);

/** Options of config.json as mount(2) takes them: flags, and the rest as text. */
export function splitMountOptions(options: readonly string[]): {
  readonly flags: number;
  readonly data: string;
} {
  let flags = 0;
  const data: string[] = [];
  for (const option of options) {
    const flag = flagOf[option];
    if (flag !== undefined) flags |= flag;
    else if (!ignored.has(option)) data.push(option);
  }
  return { flags, data: data.join(',') };
}

/** Flags that a bind mount has from its source: a user namespace may not take them away when it adds `ro`. */
export function flagsOfMount(target: string): number {
  const escaped = target.replace(
    /[ \t\n\\]/g,
    (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const line = lines.findLast((text) => text.split(' ')[4] === escaped);
  return splitMountOptions(line?.split(' ')[5]?.split(',') ?? []).flags;
}
