import { disturbBuild } from './disturb-build.ts';
import { disturbCollection } from './disturb-collection.ts';
import { disturbDisk } from './disturb-disk.ts';
import { disturbPush } from './disturb-push.ts';
import { disturbRegistry } from './disturb-registry.ts';
import { type Moment, type Operation, operations, planMoments } from './moment.ts';
import type { Outcome } from './outcome.ts';
import type { World } from './world.ts';

const disturb: Readonly<Record<Operation, (world: World, moment: Moment) => Promise<Outcome>>> = {
  build: disturbBuild,
  push: disturbPush,
  gc: disturbCollection,
  registry: disturbRegistry,
  disk: disturbDisk,
};

export interface RunOptions {
  readonly seed: string;
  readonly count: number;
  /** Number of the first moment, default 1. */
  readonly first?: number;
  /** Default: all. */
  readonly only?: readonly Operation[];
  readonly onMoment?: (moment: Moment, outcome: Outcome) => void;
}

/**
 * Kills at `count` random moments, and looks after each whether all is sound.
 * @throws what was found, with how to see it again
 */
export async function runMoments(world: World, options: RunOptions): Promise<readonly Outcome[]> {
  const { seed, count, first = 1, only = operations, onMoment } = options;
  const outcomes: Outcome[] = [];
  for (const moment of planMoments({ seed, first, count, only })) {
    try {
      const outcome = await disturb[moment.operation](world, moment);
      outcomes.push(outcome);
      onMoment?.(moment, outcome);
    } catch (error) {
      const again = `scripts/endurance.sh --seed ${seed} --first ${moment.number} --moments 1 --only ${only.join(',')}`;
      throw new Error(
        `moment ${moment.number} (${moment.operation}): ${(error as Error).message}\n${again}`,
        {
          cause: error,
        },
      );
    }
  }
  return outcomes;
}
