import { startCommand, succeed } from '../start-command.ts';
import { assertInOrder, assertSound } from './assert-sound.ts';
import { killAt } from './kill-at.ts';
import { choose, type Moment, victims } from './moment.ts';
import type { Outcome } from './outcome.ts';
import type { World } from './world.ts';

const variants = ['', '--keep-size=0', '--keep-size=4m', '--keep-days=0'] as const;

/** `store gc` is killed in a store that has something of everything. */
export async function disturbCollection(world: World, { random }: Moment): Promise<Outcome> {
  const args = ['store', 'gc', choose(random, variants)].filter(Boolean);
  const project = choose(random, world.projects);
  const victim = choose(random, victims);
  const fill = async () => {
    const home = await world.usedHome();
    for (const each of world.projects) await world.build(home, each);
    return home;
  };
  const name = args.join(' ');
  const whole = await (async () => {
    const home = await fill();
    return world.duration('store gc', () => succeed(args, { home }));
  })();
  const home = await fill();
  const ms = random() * whole;
  const collection = startCommand(args, { home, env: world.env, ownGroup: true });
  const { what, ended } = await killAt(collection, victim, { ms, random });
  if (victim === 'child') assertInOrder(ended);
  await assertSound(world, home, { project, hit: what, verify: true });
  return { name, what, at: ms, whole, unit: 'ms' };
}
