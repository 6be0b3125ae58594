import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Builder } from '../peers/builder.ts';
import { prepareBoxes, requestBoxes } from './boxes.ts';
import type { Bench, Shape } from './shape.ts';

const count = 12;
const name = 'twelve-boxes';

const warm = {
  peers: ['buildx'],
  cold: false,
  async prepare(bench: Bench): Promise<void> {
    await prepareBoxes(bench, name, count);
  },
  request: (bench: Bench, builder: Builder) =>
    requestBoxes(bench, join(bench.run, name), { images: `${name}/${builder.name}`, count }),
};

/** From nothing: nobody needs the files of a base, only its name. */
export const boxesCold: Shape = {
  ...warm,
  name: `${name}-cold`,
  title: 'twelve boxes without `RUN`, cold',
  target: 0.25,
  cold: true,
  request: (bench, builder, run) =>
    requestBoxes(bench, join(bench.run, name), { images: `${name}-cold/${builder.name}-${run}`, count }),
};

/** All twelve have a small layer that is new. */
export const boxesChange: Shape = {
  ...warm,
  name: `${name}-change`,
  title: 'twelve boxes without `RUN`, one new file',
  target: 0.2,
  before(bench, run) {
    writeFileSync(join(bench.run, name, 'config', `added-${run}`), `${run} ${Date.now()}\n`);
  },
};

export const boxesUnchanged: Shape = {
  ...warm,
  name: `${name}-unchanged`,
  title: 'twelve boxes without `RUN`, nothing changed',
  target: 0.1,
};
