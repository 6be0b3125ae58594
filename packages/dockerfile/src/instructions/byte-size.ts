import { invalid } from './request.ts';

const powers: Readonly<Record<string, number>> = { '': 0, b: 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/**
 * Reads `64m`, `1.5GiB` or `1024` into bytes; units are powers of 1024.
 * @throws DOCKERFILE_INSTRUCTION
 */
export function parseByteSize(text: string): number {
  const match = /^(\d+(?:\.\d*)?|\.\d+) ?(?:([kmgtp])(?:i?b)?|b)?$/i.exec(text);
  const size =
    match === null ? Number.NaN : Number(match[1]) * 1024 ** (powers[match[2]?.toLowerCase() ?? ''] ?? 0);
  if (!Number.isSafeInteger(Math.floor(size)))
    throw invalid(`${JSON.stringify(text)} is no size`, 'Write it as 64m or 1g.');
  return Math.floor(size);
}
