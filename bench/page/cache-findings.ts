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
      bound: `Some thirty requests in a row of ten: what the cache holds, the layers, which are mounted from the repository of the image, their listings, the documents.
buildx sends the layers again.${plainOf(results, 'cache-export')}`,
      move: `Asking what the cache holds while the build runs; not asking for blobs in a repository that has no cache yet; small listings within the document.`,
    }),
  'cache-export-stage': (results) =>
    describe(results, 'cache-export-stage', {
      bound: `The layers of a stage that no image has must be read, hashed as archives and as blobs, compressed (zstd; gzip for buildx) and sent to a registry on the same
cores, which hashes and writes them. OneBuild compresses and sends each one while the steps after it run, which are slower for it on two cores; the last one comes after the image.${plainOf(results, 'cache-export-stage')}`,
      move: `More cores. Of ours, hashing on a thread of its own, and one pass less over the bytes that go to the registry.`,
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
