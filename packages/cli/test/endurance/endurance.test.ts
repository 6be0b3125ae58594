import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { requireBusybox, requireProgram } from '@onebuild/testkit';
import { runMoments } from './run-moments.ts';
import { openWorld } from './world.ts';

// The long form is scripts/endurance.sh.
test('kill -9 at random moments of builds, pushes, collections and registry writes', async (t) => {
  if (!requireBusybox(t) || !requireProgram(t, 'crun', 'apt-get install crun')) return;
  const world = await openWorld({ projects: 1 });
  t.after(() => world.close());
  const seed = String(randomInt(1e9));
  t.diagnostic(`seed ${seed}`);
  await runMoments(world, { seed, count: 8, only: ['build', 'push', 'gc', 'registry'] });
});
