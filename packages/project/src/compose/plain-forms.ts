import { posix } from 'node:path';

/** A folder as it is shown: without `./`, doubled slashes and way backs; URLs stay as they are. */
export function cleanFolder(context: string): string {
  if (/^[a-z][a-z0-9+.-]{0,20}:|^git@|^github\.com\//i.test(context) || context === '') return context;
  const clean = posix.normalize(context);
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `128m`, `1gb`, `1048576` as bake shows sizes: `128MiB`. Undefined: that is no size. */
export function formatSize(text: string): string | undefined {
  const [, amount, unit = ''] = /^(\d{1,15}(?:\.\d{1,6})?) ?([kmgtp]?)i?b?$/i.exec(text) ?? [];
  if (amount === undefined) return undefined;
  let size = Number(amount) * 1024 ** (unit === '' ? 0 : 'kmgtp'.indexOf(unit.toLowerCase()) + 1);
  let at = 0;
  for (; size >= 1024 && at < units.length - 1; at++) size /= 1024;
  return `${Number(size.toPrecision(4))}${units[at]}`;
}
