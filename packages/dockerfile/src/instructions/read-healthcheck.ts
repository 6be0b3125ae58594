import { parseDuration } from './duration.ts';
import { readFlags } from './flags.ts';
import type { Healthcheck, HealthcheckInstruction } from './instruction.ts';
import { invalid, type Request, requireSome } from './request.ts';

const shortest = 1_000_000;

export function readHealthcheck(request: Request): HealthcheckInstruction {
  const [written, ...args] = requireSome(request);
  const type = written.toUpperCase();
  if (type === 'NONE') {
    if (args.length > 0) throw invalid('HEALTHCHECK NONE takes no arguments');
    return { ...request.base, kind: 'HEALTHCHECK', health: { test: ['NONE'] } };
  }
  const health = readTimes(request);
  if (type !== 'CMD') {
    throw invalid(`HEALTHCHECK knows CMD and NONE, not ${written}`, 'Write HEALTHCHECK CMD command.');
  }
  if (args.length === 0) throw invalid('HEALTHCHECK CMD has no command');
  const test = request.node.json ? ['CMD', ...args] : ['CMD-SHELL', args.join(' ')];
  return { ...request.base, kind: 'HEALTHCHECK', health: { test, ...health } };
}

function readTimes(request: Request): Omit<Healthcheck, 'test'> {
  const flags = readFlags(request, {
    interval: 'string',
    timeout: 'string',
    'start-period': 'string',
    'start-interval': 'string',
    retries: 'string',
  });
  const interval = readInterval('interval', flags.interval);
  const timeout = readInterval('timeout', flags.timeout);
  const startPeriod = readInterval('start-period', flags['start-period']);
  const startInterval = readInterval('start-interval', flags['start-interval']);
  const retries = readRetries(flags.retries);
  return {
    ...(interval && { interval }),
    ...(timeout && { timeout }),
    ...(startPeriod && { startPeriod }),
    ...(startInterval && { startInterval }),
    ...(retries && { retries }),
  };
}

function readInterval(name: string, value: string | undefined): number {
  if (value === undefined || value === '') return 0;
  const duration = parseDuration(value);
  if (duration !== 0 && duration < shortest) throw invalid(`--${name}=${value} is less than 1ms`);
  return duration;
}

function readRetries(value: string | undefined): number {
  if (value === undefined || value === '') return 0;
  const retries = /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(retries >= 0 && retries < 2 ** 31)) throw invalid(`--retries=${value} must be a number, 0 or more`);
  return retries;
}
