import type { CacheMountRun, CacheMounts } from '../measure/results.ts';
import { medianOf } from '../measure/statistics.ts';

/** Most of a folder that may have to be sent when one hundredth of it is new. */
const target = 0.05;

/** What a cache mount costs that travels between workers. */
export function renderCacheMounts({ runs }: CacheMounts): string {
  const kinds = [...new Set(runs.map(({ kind }) => kind))].map((kind) => {
    const own = runs.filter((run) => run.kind === kind);
    return { kind, middle: (value: (run: CacheMountRun) => number) => medianOf(own.map(value)) };
  });
  const rows = kinds.map(
    ({ kind, middle }) =>
      `| ${kind} | ${megabytes(middle(({ size }) => size))} | ${megabytes(middle(({ fetched }) => fetched))} | ${megabytes(middle(({ sent }) => sent))} | **${percent(middle(shareOf))}** | ${middle(({ restoreMs }) => restoreMs).toFixed(0)} | ${middle(({ exportMs }) => exportMs).toFixed(0)} |`,
  );
  const worst = Math.max(...runs.map(shareOf));
  return `## Cache mounts that travel

Workers that start with an empty store, one after the other: each restores a cache mount of 50 MB from the registry, changes one hundredth of it, and saves
it. Half of the bytes do not compress. BuildKit's cache mounts stay where they are, so there is nobody to compare with.

| folder | MB | fetched, MB | sent, MB | sent / folder | restored in, ms | all written in, ms |
|---|---:|---:|---:|---:|---:|---:|
${rows.join('\n')}

Runs: ${runs.length}. At most ${target * 100} % should be sent: ${worst <= target ? `met, the worst run sent ${percent(worst)}` : `**missed**, the worst run sent ${percent(worst)}`}. A worker with an empty
store has to fetch the whole folder, compressed, as its step may read any file. Where a changed file shares most bytes with the old one, only the chunks
around the changes are sent: of 128 kB on average, two or three for each place.`;
}

function shareOf({ sent, size }: CacheMountRun): number {
  return sent / size;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 10e6 ? 2 : 1);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
