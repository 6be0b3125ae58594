import type { Build } from './read-build.ts';

/** Prints what a build did: its steps, and what came and went. */
export function printBuild({ steps, report, ms, downloads, layers }: Omit<Build, 'output'>): void {
  const cache = report?.cache;
  for (const { name, status, ms: took } of steps) {
    console.log(
      `  ${status === 'done' ? `ran ${formatSeconds(took)}`.padEnd(12) : status.padEnd(12)}${name}`,
    );
  }
  const lines: [string, string][] = [
    ['time', formatSeconds(ms)],
    [
      'npm',
      downloads.length === 1 ? `downloaded ${downloads[0]}` : `downloaded ${downloads.length} packages`,
    ],
    ...(cache?.mounts ?? []).map(({ id, size, fetchedBytes = 0, sentBytes = 0 }): [string, string] => [
      'mount',
      `${id} holds ${formatBytes(size)}: ${formatBytes(fetchedBytes)} fetched, ${formatBytes(sentBytes)} sent`,
    ]),
    ['cache', `${formatBytes(cache?.fetchedBytes ?? 0)} fetched, ${formatBytes(cache?.sentBytes ?? 0)} sent`],
    ['store', `${layers} layers`],
    ['image', report?.boxes[0]?.digest ?? 'none'],
  ];
  console.log(lines.map(([name, text]) => `  ${name.padEnd(12)}${text}`).join('\n'));
}

function formatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)}s`;
}

function formatBytes(bytes: number): string {
  if (bytes === 0) return '0 B';
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
