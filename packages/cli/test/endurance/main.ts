/** Entry of `scripts/endurance.sh`. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type Operation, operations } from './moment.ts';
import type { Outcome } from './outcome.ts';
import { runMoments } from './run-moments.ts';
import { openWorld } from './world.ts';

const help = `Usage: scripts/endurance.sh [options]

Kills builds, pushes, collections and the registry with SIGKILL at random moments, lets builds run out of disk, and looks after each
moment whether everything is sound: nothing runs or is mounted, the next build has the right digest, no temp folder stays,
\`store verify\` is clean, and no tag points at a missing blob. Ends with 1 and the line that repeats the moment at the first one that
is not.

  --moments N   how many; default 300
  --seed S      chooses the moments; printed at the start. Default: a new one
  --first N     number of the first moment, to see one again
  --only LIST   of ${operations.join(', ')}; default all
  --help        this text
`;

const { values } = parseArgs({
  options: {
    moments: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(randomInt(1e9)) },
    first: { type: 'string', default: '1' },
    only: { type: 'string', default: operations.join(',') },
    help: { type: 'boolean', default: false },
  },
});

function parseCount(text: string, flag: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new TypeError(`${flag} ${text} is not a number from 1`);
}

function parseOnly(text: string): readonly Operation[] {
  return text.split(',').map((name) => {
    const found = operations.find((operation) => operation === name);
    if (found === undefined) throw new TypeError(`--only ${name} is none of ${operations.join(', ')}`);
    return found;
  });
}

/** Signals by what they were in the middle of, and how evenly they came. */
function summarize(outcomes: readonly Outcome[]): string {
  const lines = [...Map.groupBy(outcomes, ({ name }) => name)].map(([name, group]) => {
    const hit = group.filter(({ what }) => what !== undefined);
    const fifths = [0, 0, 0, 0, 0];
    for (const { at, whole } of hit) {
      const fifth = Math.min(4, Math.floor((5 * at) / whole));
      fifths[fifth] = (fifths[fifth] ?? 0) + 1;
    }
    const { whole = 0, unit } = group[0] ?? {};
    const parts = `by fifths of ${Math.round(whole)} ${unit}: ${fifths.join(' ')}`;
    return `${name}: ${group.length} moments, ${hit.length} hit something; ${parts}`;
  });
  const victims = [...Map.groupBy(outcomes, ({ what }) => what ?? 'nothing any more')]
    .map(([what, group]) => `${what} ${group.length}`)
    .sort();
  return [...lines.sort(), `hit: ${victims.join(', ')}`].join('\n');
}

async function main(): Promise<void> {
  if (values.help) return void process.stdout.write(help);
  const only = parseOnly(values.only);
  const count = parseCount(values.moments, '--moments');
  const first = parseCount(values.first, '--first');
  process.stdout.write(`seed ${values.seed}\n`);
  const start = performance.now();
  const world = await openWorld({ projects: 3 });
  try {
    const outcomes = await runMoments(world, {
      seed: values.seed,
      count,
      first,
      only,
      onMoment({ number }, { name, what, at, unit }) {
        process.stdout.write(
          `${number}: ${name}, at ${Math.round(at)} ${unit}: ${what ?? 'it had ended'}; sound\n`,
        );
      },
    });
    const minutes = ((performance.now() - start) / 60_000).toFixed(1);
    process.stdout.write(
      `${summarize(outcomes)}\n${outcomes.length} moments in ${minutes} minutes, all sound\n`,
    );
  } finally {
    await world.close();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}
