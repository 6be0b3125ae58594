import { join } from 'node:path';
import { openSmallDisk } from '../small-disk.ts';
import { assertNothingRuns } from './assert-sound.ts';
import { fillDisk, measureDisk } from './fill-disk.ts';
import { choose, type Moment } from './moment.ts';
import type { Outcome } from './outcome.ts';
import type { World } from './world.ts';

let count = 0;

/** A build runs out of disk, at a random size of it. */
export async function disturbDisk(world: World, { random }: Moment): Promise<Outcome> {
  const project = choose(random, world.projects);
  const disk = await openSmallDisk(join(world.bench.scratch, `disk-${count++}`));
  try {
    const whole = await world.amount('disk', () => measureDisk(disk, project));
    const size = random() * whole;
    const said = await fillDisk(disk, project, { size, verify: true });
    await disk.close();
    await assertNothingRuns(world, disk.path);
    const what = said === undefined ? undefined : 'the disk';
    return { name: 'build, disk full', what, at: size, whole, unit: 'bytes' };
  } finally {
    await disk.close();
  }
}
