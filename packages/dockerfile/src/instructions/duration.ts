import { invalid } from './request.ts';

const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const longest = 2 ** 63;

/**
 * Reads a duration as Go writes it (`1m30s`, `1.5h`) into nanoseconds.
 * @throws DOCKERFILE_INSTRUCTION for anything else, negative ones, and those over 292 years
 */
export function parseDuration(text: string): number {
  if (text === '0' || text === '+0' || text === '-0') return 0;
  const parts = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)
    ? text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)
    : undefined;
  if (parts === undefined || text.length > 100) {
    throw invalid(`${JSON.stringify(text)} is no duration`, 'Write it as 30s, 1m30s or 500ms.');
  }
  let sum = 0;
  for (const [, amount, unit = 's'] of parts) sum += Number(amount) * (units[unit] ?? 0);
  if (sum >= longest) throw invalid(`the duration ${text} is too long`);
  return text.startsWith('-') ? -Math.floor(sum) : Math.floor(sum);
}
