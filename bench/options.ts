import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { shapeNames } from './shapes/shapes.ts';

export interface Options {
  /** Shapes and reports to run, by name; those that are not named keep their earlier results. */
  readonly names: readonly string[];
  /** Runs of each builder per shape. */
  readonly pairs: number;
  /** Folder for peers, inputs, stores and results. */
  readonly work: string;
  /** Stores and registry stay after the run. */
  readonly keep: boolean;
  /** Builders beside OneBuild. */
  readonly peers: readonly string[];
  /** Only writes the page, out of the results in the work folder. */
  readonly page: boolean;
}

export const usage = `bench/run [SHAPE...] [flags]

Measures OneBuild beside other builders, alternating, and writes docs/benchmarks.md with its chart.
Shapes: ${shapeNames.join(', ')} (default: all; a start such as three-variants names several)

  --pairs N       runs of each builder per shape (default: 5)
  --peers NAMES   builders to compare with: buildx,buildah (default: both)
  --work FOLDER   peers, inputs and results (default: ~/.cache/onebuild/bench)
  --keep          keep stores and registry for a look after the run
  --page          run nothing, write the page from the results in the work folder`;

/** @throws TypeError for a flag, and Error for a shape that is not known */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      pairs: { type: 'string', default: '5' },
      peers: { type: 'string', default: 'buildx,buildah' },
      work: {
        type: 'string',
        default: join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'onebuild', 'bench'),
      },
      keep: { type: 'boolean', default: false },
      page: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const named = positionals.flatMap((name) => {
    const found = shapeNames.filter((shape) => shape === name || shape.startsWith(`${name}-`));
    if (found.length === 0) throw new Error(`no shape is called ${name}; there are ${shapeNames.join(', ')}`);
    return found;
  });
  const pairs = Number(values.pairs);
  if (!Number.isInteger(pairs) || pairs < 1) throw new Error(`--pairs takes a count, not ${values.pairs}`);
  return {
    names: named.length > 0 ? named : shapeNames,
    pairs,
    work: resolve(values.work),
    keep: values.keep,
    peers: values.peers.split(',').filter(Boolean),
    page: values.page,
  };
}
