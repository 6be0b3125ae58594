import type { GrowthPoint, Results, ShapeResult } from '../measure/results.ts';
import { medianOf } from '../measure/statistics.ts';
import { shapes } from '../shapes/shapes.ts';
import { findings } from './findings.ts';
import { comparisonsOf, numbersOf } from './page-numbers.ts';
import { renderBoxes } from './render-boxes.ts';
import { renderCacheMounts } from './render-cache-mounts.ts';
import { renderWriters } from './render-writers.ts';

/** The text of docs/benchmarks.md. */
export function renderPage(results: Results): string {
  const measured = shapes.filter(({ name }) => results.shapes[name] !== undefined);
  const sections = measured.map((shape) => renderShape(shape.name, shape.title, results));
  return [
    '<!-- Made by bench/run from measurements. Do not edit. -->',
    '# How fast it is',
    intro,
    '![Time of OneBuild over time of docker buildx](images/benchmarks.svg)',
    renderSummary(results),
    renderCircumstances(results),
    '## Each shape',
    ...sections,
    renderReports(results),
    method,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

const intro = `OneBuild beside \`docker buildx build --push\` (and Buildah, for orientation), in one run, taking turns, into the same registry. Several
boxes of one app are built by \`onebuild build --push\` and \`docker buildx bake --push\` out of the same bake file, and one by one with
\`docker build --no-cache --push\`.
Everything here comes from one command, \`bench/run\`; \`bench/run SHAPE\` measures one shape alone.`;

const method = `## How it is measured

- \`bench/run\` sets everything up by itself: a Debian sid root with Docker Engine, buildx and Buildah, started with a root, mounts,
  processes and a network of its own; \`docker-registry\` (distribution 2.8), which belongs to no builder; bases out of Debian packages.
- All builders use that registry, the same bases (pushed once, by OneBuild, out of a store that no run uses) and the same contexts. Every
  result is pushed; Buildah needs a second command for it, and its time counts. \`--provenance=false\` for buildx, as OneBuild makes none.
- Cold means that a builder starts with an empty folder: a new \`ONEBUILD_HOME\`, a Docker Engine started anew on new folders, new storage of Buildah;
  each cold run pushes to a new repository. The registry's log is checked: a cold run that did not download its base ends the shape.
- Everything is written to a new ext4 file system (a file, mounted), and nothing is removed while a shape is measured: for minutes after files
  were removed, ext4 spares their inodes and takes several times as long to make new ones, which would hit whoever comes next.
- Warm shapes are built once by every builder before the clock runs; the files of cold ones are read once, so that they are in the page
  cache for everyone. Then the builders take turns, and who is first changes from round to round. Buildah and \`--network=host\` of buildx,
  which no target is about, take part in the first two rounds. Before each run, writes of earlier runs are let reach the disk (\`sync\`).
- Several boxes: the bake file and the Dockerfile are the same for all. Separate builds are \`docker build --no-cache --push\`, box after box, in one engine,
  so that they have what they pulled from each other, but no step. In three boxes a compiler of one process takes about nine seconds; each box then
  makes a copy of 2,000 files of its base in a RUN, as if it installed packages. Twelve boxes are three bases times four names in ENV, with a program of 20 MB
  and 50 small files. A source change makes another program; a new file is a new file among the small ones.
- A registry cache is filled once by each builder out of a cold build with \`--cache-to mode=max\`, beside its image. Then a builder that is cold reads it, and pushes to
  where the image is already. buildx gets \`unpack=false,store=false\`: what it pushes is not unpacked. A run that downloads the layers of the compiler's base, where
  no step should run, ends the shape. What an export adds is the difference of two cold builds, with it and without, whose layers are random bytes and text, and new
  in each build.
- "Sent" is what the kernel counted on the way to the registry's port, from whomever: bytes with headers, and a little for asking.
- A peer that ends with an error is run again, which the page says; a fault of OneBuild ends the shape.
- The clock runs from the start of the command to its end. A daemon's start is not counted, nor the time to fill its caches.
- The ratio is that of the medians; the range is that of the pairs. No run is left out.
- "Others" is the share of all cores that was busy in the third of a second before each run, when nothing of the benchmark should run.
`;

function renderSummary({ shapes: measured }: Results): string {
  const rows = shapes.flatMap((shape) => {
    return comparisonsOf(shape, measured[shape.name]).map(({ ours, theirs, target }) => {
      const { ratio, lowRatio, highRatio } = theirs;
      const verdict =
        target === undefined ? 'reported' : `<= ${target}: ${ratio <= target ? 'met' : '**missed**'}`;
      const spread = `${lowRatio.toFixed(2)} - ${highRatio.toFixed(2)}`;
      const against = theirs.name === 'loop' ? ', against separate builds' : '';
      return `| ${shape.title}${against} (\`${shape.name}\`) | ${seconds(ours.median)} | ${seconds(theirs.median)} | **${ratio.toFixed(2)}** | ${spread} | ${verdict} |`;
    });
  });
  return `| work | OneBuild, s | buildx, s | ratio | pairs | target |\n|---|---:|---:|---:|---:|---|\n${rows.join('\n')}`;
}

function renderCircumstances({ machine, shapes: measured }: Results): string {
  const runs = Object.values(measured).flatMap((result) => result.runs);
  const others = runs.map((run) => run.others);
  const titles = new Set(Object.values(measured).flatMap((result) => Object.values(result.titles)));
  const dates = Object.values(measured).map(({ date }) => date.slice(0, 10));
  return `Measured ${[...new Set(dates)].sort().join(', ')} on a virtual machine: ${machine.cores} cores (${machine.cpu}), ${gigabytes(machine.memory)}, ${machine.system}, Linux
${machine.kernel.split('-')[0]}, Node.js ${machine.node}, OneBuild at ${machine.commit}; ${[...titles].join('; ')}.
The machine was shared: others used ${percent(medianOf(others))} of its cores in the median, up to ${percent(Math.max(...others))}. So look at ratios, not at seconds.`;
}

function renderShape(name: string, title: string, results: Results): string {
  const result = results.shapes[name] as ShapeResult;
  const numbers = numbersOf(result);
  const counted = numbers.some((row) => row.sent !== undefined);
  const rows = numbers.map((row) => {
    const label = row.name === 'buildx-host' ? `${row.title}, \`--network=host\`` : row.title;
    const size = row.size > 0 ? (row.size / 1e6).toFixed(1) : '';
    const ratio =
      row.name === 'onebuild'
        ? ''
        : `${row.ratio.toFixed(2)} (${row.lowRatio.toFixed(2)} - ${row.highRatio.toFixed(2)})`;
    return `| ${label} | ${seconds(row.median)} | ${seconds(row.low)} - ${seconds(row.high)} | ${size} | ${counted ? `${megabytes(row.sent)} | ` : ''}${ratio} |`;
  });
  const failures = Object.entries(result.failures ?? {}).map(
    ([builder, said]) =>
      `${builder} ended ${said.length === 1 ? 'once' : `${said.length} times`} with an error and was run again: \`${said[0]}\`.`,
  );
  const countOf = (builder: string) => result.runs.filter((run) => run.builder === builder).length;
  const others = result.runs.map((run) => run.others);
  return [
    `### ${name}: ${title}`,
    `| builder | median, s | range, s | layers, MB |${counted ? ' sent, MB |' : ''} OneBuild / it (pairs) |\n|---|---:|---:|---:|${counted ? '---:|' : ''}---:|\n${rows.join('\n')}`,
    `Runs: ${numbers.map((row) => `${row.name} ${countOf(row.name)}`).join(', ')}. Others used ${percent(medianOf(others))} of the cores in the median, up to ${percent(Math.max(...others))}.`,
    failures.join(' '),
    findings[name]?.(results) ?? '',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function renderReports(results: Results): string {
  const { startUp, memory, growth, boxes, mounts, writers } = results;
  const parts: string[] = [];
  if (boxes) parts.push(renderBoxes(boxes));
  if (mounts) parts.push(renderCacheMounts(mounts));
  if (writers) parts.push(renderWriters(writers));
  if (startUp) {
    const rows = Object.entries(startUp).map(
      ([name, times]) =>
        `| \`${name}\` | ${milliseconds(medianOf(times))} | ${milliseconds(Math.min(...times))} - ${milliseconds(Math.max(...times))} |`,
    );
    parts.push(`## Start-up\n\n| command | median, ms | range, ms |\n|---|---:|---:|\n${rows.join('\n')}`);
    parts.push(findings['start-up']?.(results) ?? '');
  }
  if (memory) {
    const rows = Object.entries(memory).map(
      ([name, { seconds: time, peak }]) => `| ${name} | ${seconds(time)} | ${Math.round(peak / 1e6)} |`,
    );
    parts.push(
      `## Memory\n\nThe most that OneBuild had resident while it exported and pushed 4 GB: 2 GB that do not compress, and a hole of 2 GB.\n\n| compression | s | peak, MB |\n|---|---:|---:|\n${rows.join('\n')}`,
    );
    parts.push(findings['memory']?.(results) ?? '');
  }
  if (growth) {
    const table = (what: string, points: readonly GrowthPoint[]) => {
      const rows = points.map(
        ({ count, seconds: time, peak }) =>
          `| ${count.toLocaleString('en')} | ${seconds(time)} | ${Math.round(peak / 1e6)} | ${((time * 1000) / count).toFixed(2)} |`,
      );
      return `| ${what} | s | peak, MB | ms for each |\n|---:|---:|---:|---:|\n${rows.join('\n')}`;
    };
    parts.push(
      '## Growth\n\nCold builds of more and more small files in one layer, of more and more layers by `COPY` with a file each, and of more and more `RUN` steps that make a\nfile; the median of three runs.',
      '![Time and memory as files, layers and steps grow](images/growth.svg)',
      table('files', growth.files),
      table('layers', growth.layers),
      table('steps', growth.steps),
    );
    parts.push(findings['growth']?.(results) ?? '');
  }
  return parts.filter((part) => part !== '').join('\n\n');
}

function seconds(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? '' : (bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1);
}

function milliseconds(value: number): string {
  return (value * 1000).toFixed(0);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function gigabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 30)} GiB`;
}
