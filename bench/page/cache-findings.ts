import type { Results } from '../measure/results.ts';
import { medianOf } from '../measure/statistics.ts';
import { describe, type Finding } from './describe.ts';

/** The findings about caches that travel. */
export const cacheFindings: Readonly<Record<string, Finding>> = {
  'cache-unchanged': (results) =>
    describe(results, 'cache-unchanged', {
      bound: `Starting Node.js and the command, and questions to the registry: the cache's one document, the bases, what the tag is. Neither
builder downloads a layer. buildx is told to push and not to unpack what it pushes, as a builder in a container does; by default the engine's
own downloads and unpacks the image into its store, which takes some seconds.`,
      move: `A smaller start, as for the unchanged redis example.`,
    }),
  'cache-change': (results) =>
    describe(results, 'cache-change', {
      bound: `The compiler, which takes the same time for everyone, after its base of 380 MB has been pulled and unpacked: a fresh worker has no files at all, and
the step needs them.`,
      move: `Unpacking the compiler's base on more than one core: nothing else can run before it is there.`,
    }),
  'cache-export': (results) =>
    describe(results, 'cache-export', {
      bound: `The layers of a stage that no image has must be read, compressed (zstd; gzip for buildx), hashed and sent. OneBuild compresses each one while the steps after it
run, and sends them after the image.${plainOf(results, 'cache-export')}`,
      move: `Sending each layer as soon as it is compressed.`,
    }),
  'cache-export-image': (results) =>
    describe(results, 'cache-export-image', {
      bound: `Questions to the registry: the layers are there already, and are mounted from the repository of the image. The document follows them.${plainOf(results, 'cache-export-image')}`,
      move: `The first questions can be asked while the build runs.`,
    }),
};

/** How long the builds take by themselves. */
function plainOf({ shapes }: Results, name: string): string {
  const middle = (builder: string) =>
    medianOf(
      (shapes[name]?.runs ?? []).flatMap((run) => (run.builder === builder ? (run.plain ?? []) : [])),
    ).toFixed(1);
  return ` The builds without an export take ${middle('onebuild')} s here, ${middle('buildx')} s with buildx; what is told is the median of the differences.`;
}
