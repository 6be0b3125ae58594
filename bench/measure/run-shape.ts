import { runProgram } from '@onebuild/testkit';
import type { BoxesRequest, Builder, BuildRequest } from '../peers/builder.ts';
import type { Bench, Shape } from '../shapes/shape.ts';
import type { Run, ShapeResult } from './results.ts';
import { runBuild } from './run-build.ts';

/** Rounds of builders that no target is about, or that are slow to wait for; the others take part in all. */
const mostRounds: Readonly<Record<string, number>> = { buildah: 2, 'buildx-host': 2, loop: 3 };

/**
 * Runs a shape `pairs` times with every builder, and who goes first changes from round to round. Before each run the
 * disk is let finish what earlier runs wrote. Warm shapes are built once before, cold ones have their files read once,
 * so that they are in the page cache for everyone. A builder that is to be cold and did not download its base, or downloads
 * what it should not need, is a fault of this bench, and ends it.
 */
export async function runShape(
  shape: Shape,
  bench: Bench,
  { builders, pairs }: { readonly builders: readonly Builder[]; readonly pairs: number },
): Promise<ShapeResult> {
  const takePart = builders.filter(({ name }) => name === 'onebuild' || shape.peers.includes(name));
  console.log(`bench: ${shape.name}`);
  await shape.prepare?.(bench);
  const date = new Date().toISOString();
  let count = 0;
  const failures: Record<string, string[]> = {};
  // A peer that fails gets a second try: the first one is told on the page, its time counts for nothing.
  const tryTwice = async (builder: Builder): Promise<Run> => {
    try {
      return await runOnce(shape, bench, { builder, run: count++ });
    } catch (error) {
      if (builder.name === 'onebuild' || error instanceof NotAsMeant) throw error;
      const said = lastWords(error);
      console.log(`bench:   ${builder.name.padEnd(12)} failed: ${said}`);
      (failures[builder.name] ??= []).push(said);
      return await runOnce(shape, bench, { builder, run: count++ });
    }
  };
  for (const builder of takePart) {
    if (shape.cold) await readFiles(shape.request(bench, builder, count).context);
    else await tryTwice(builder);
    await shape.fill?.(bench, builder);
  }
  const runs: Run[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const round = takePart.filter(({ name }) => pair < (mostRounds[name] ?? pairs));
    const turn = pair % round.length;
    for (const builder of [...round.slice(turn), ...round.slice(0, turn)]) {
      const run = await tryTwice(builder);
      console.log(`bench:   ${builder.name.padEnd(12)} ${run.seconds.toFixed(2)} s`);
      runs.push(run);
    }
  }
  const titles = Object.fromEntries(takePart.map(({ name, title }) => [name, title]));
  return { date, runs, titles, failures };
}

class NotAsMeant extends Error {}

/** The line that says what went wrong, without what a run has of its own. */
function lastWords(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = /^ERROR: .*$/m.exec(text)?.[0] ?? text.trim().split('\n').at(-1) ?? '';
  return line.replace(/sha256:[0-9a-f]{64}/g, 'sha256:...').slice(0, 300);
}

async function readFiles(folder: string): Promise<void> {
  await runProgram(['sh', '-c', 'exec find "$1" -type f -exec cat {} + >/dev/null', 'read', folder]);
}

interface Turn {
  readonly builder: Builder;
  readonly run: number;
}

async function runOnce(shape: Shape, bench: Bench, turn: Turn): Promise<Run> {
  const { plain } = shape;
  if (plain === undefined) return await runRequest(shape, bench, { ...turn, of: shape.request });
  const withIt = () => runRequest(shape, bench, { ...turn, of: shape.request });
  const without = () => runRequest(shape, bench, { ...turn, of: plain });
  // Whoever comes second may find a warmer or a busier machine, so they take turns.
  const isFirst = turn.run % 4 < 2;
  const early = isFirst ? await withIt() : undefined;
  const less = await without();
  const more = early ?? (await withIt());
  const sent = (more.sent ?? 0) - (less.sent ?? 0);
  return { ...more, seconds: more.seconds - less.seconds, sent, plain: less.seconds };
}

async function runRequest(
  shape: Shape,
  bench: Bench,
  { builder, run, of }: Turn & { readonly of: Shape['request'] },
): Promise<Run> {
  if (shape.cold) await builder.forget();
  await shape.before?.(bench, run);
  return await runChecked(shape, bench, { builder, request: of(bench, builder, run) });
}

async function runChecked(
  shape: Shape,
  bench: Bench,
  { builder, request }: { readonly builder: Builder; readonly request: BuildRequest | BoxesRequest },
): Promise<Run> {
  bench.registry.countPulls();
  const result = await runBuild(bench, builder, request);
  const pulls = bench.registry.countPulls();
  if (shape.pulls !== undefined && pulls(shape.pulls, 0) === 0) {
    throw new NotAsMeant(`${shape.name}: ${builder.name} was not cold, it had ${shape.pulls} already`);
  }
  if (shape.spares !== undefined && pulls(shape.spares, 1_000_000) > 0) {
    throw new NotAsMeant(`${shape.name}: ${builder.name} downloaded ${shape.spares}, which the cache spares`);
  }
  return result;
}
