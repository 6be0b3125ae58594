import { fault } from '@onebuild/core';

const factors: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
};

/**
 * Bytes as Docker writes them: `512m`, `1.5g`, `64MiB`; powers of 1024.
 * @throws USAGE
 */
export function parseBytes(text: string, flag: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,6})?)\s?([bkmgt]?)(?:i?b)?$/i.exec(text.trim());
  const factor = factors[match?.[2]?.toLowerCase() ?? '-'];
  if (match?.[1] === undefined || factor === undefined) {
    throw fault('USAGE', `${flag}: ${JSON.stringify(text)} is not a size`, {
      hint: 'Write bytes, or a number with k, m, g or t, for example 512m.',
    });
  }
  return Math.floor(Number(match[1]) * factor);
}

/** @throws USAGE */
export function parseWhole(text: string, flag: string, least = 0): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value) || value < least) {
    throw fault('USAGE', `${flag}: ${JSON.stringify(text)} is not a whole number of at least ${least}`);
  }
  return value;
}

/** CPU cores; `0.5` is half of one. @throws USAGE */
export function parseCpus(text: string, flag: string): number {
  const value = /^\d{0,5}(\.\d{1,3})?$/.test(text) && text !== '' ? Number(text) : 0;
  if (!(value > 0)) throw fault('USAGE', `${flag}: ${JSON.stringify(text)} is not a number of cores above 0`);
  return value;
}

/**
 * An age in whole days: `30d`, `2w`, `720h` (rounded up), or a number of days alone.
 * @throws USAGE
 */
export function parseDays(text: string, flag: string): number {
  const [, amount, unit = 'd'] = /^(\d{1,6})(h|d|w)?$/i.exec(text.trim()) ?? [];
  const days = Math.ceil(Number(amount) * { h: 1 / 24, d: 1, w: 7 }[unit.toLowerCase() as 'h' | 'd' | 'w']);
  if (days >= 1) return days;
  throw fault('USAGE', `${flag}: ${JSON.stringify(text)} is not an age of at least a day`, {
    hint: 'Write days, weeks or hours: 30d, 4w, 720h.',
  });
}
