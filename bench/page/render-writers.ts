import type { WritersRun } from '../measure/results.ts';

/** What is left of builds that wrote one cache at the same time. */
export function renderWriters(runs: readonly WritersRun[]): string {
  const rows = runs.map(
    ({ title, writers, seconds, found }) => `| ${title} | ${seconds.toFixed(1)} | ${found} of ${writers} |`,
  );
  return `## One cache, many writers

Builds of eight branches of one image, cold and all at once on the two cores, that write one cache with \`mode=max\`; each has a layer of 5 MB of its own. Then
builders with nothing look for each of the eight in that cache. OneBuild's builds have a store of their own each, those of buildx share an engine.

| builder | all eight, s | found afterwards |
|---|---:|---:|
${rows.join('\n')}`;
}
