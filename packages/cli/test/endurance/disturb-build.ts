import { startCommand, succeed } from '../start-command.ts';
import { assertInOrder, assertSound } from './assert-sound.ts';
import { killAt } from './kill-at.ts';
import { choose, type Moment, victims } from './moment.ts';
import type { Outcome } from './outcome.ts';
import type { World } from './world.ts';

const states = ['new store', 'everything again', 'collected store'] as const;

/** A build is killed. */
export async function disturbBuild(world: World, { random }: Moment): Promise<Outcome> {
  const state = choose(random, states);
  const project = choose(random, world.projects);
  const victim = choose(random, victims);
  const again = state === 'everything again' ? ['--no-cache'] : [];
  const open = async () => {
    const home = state === 'new store' ? world.bench.home() : await world.usedHome();
    if (state === 'collected store') await succeed(['store', 'gc'], { home });
    return home;
  };
  const whole = await (async () => {
    const home = await open();
    return world.duration(`build, ${state}`, () => world.build(home, project, again));
  })();
  const home = await open();
  const ms = random() * whole;
  const args = ['build', '--quiet', ...again, project.context];
  const build = startCommand(args, { home, env: world.env, ownGroup: true });
  const { what, ended } = await killAt(build, victim, { ms, random });
  if (victim === 'child') assertInOrder(ended);
  await assertSound(world, home, { project, hit: what, verify: state === 'new store' || random() < 0.3 });
  return { name: `build, ${state}`, what, at: ms, whole, unit: 'ms' };
}
