import { seededNumbers } from '@onebuild/testkit';

/** What is going on when something is killed, or the disk is full. */
export const operations = ['build', 'push', 'gc', 'registry', 'disk'] as const;

export type Operation = (typeof operations)[number];

/**
 * What gets SIGKILL: the process of the command; its whole process group; or one of the processes below it, whichever it has at that
 * moment (launcher, runtime, the step's own command, `rm`), in which case the command itself has to end in order.
 */
export const victims = ['process', 'group', 'child'] as const;

export type Victim = (typeof victims)[number];

/** One moment of an endurance run; the same seed and number give the same one again. */
export interface Moment {
  /** From 1. */
  readonly number: number;
  readonly operation: Operation;
  /** Numbers from 0 to below 1. */
  readonly random: () => number;
}

/** Moments take turns between the operations, so that a short run has all of them. */
export function* planMoments(options: {
  readonly seed: string;
  readonly first: number;
  readonly count: number;
  readonly only: readonly Operation[];
}): Generator<Moment> {
  const { seed, first, count, only } = options;
  for (let number = first; number < first + count; number++) {
    const operation = only[(number - 1) % only.length] ?? 'build';
    yield { number, operation, random: seededNumbers(`${seed}/${number}`) };
  }
}

export function choose<T>(random: () => number, from: readonly [T, ...T[]]): T {
  return from[Math.floor(random() * from.length)] ?? from[0];
}
