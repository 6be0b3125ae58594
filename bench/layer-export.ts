/**
 * How fast a folder becomes a layer blob, against `tar` and the usual compressors, alternating in one run.
 *
 *     node bench/layer-export.ts [FOLDER] [ROUNDS]
 *
 * Every way reads the files, makes an archive, hashes it, compresses it, hashes the result and writes it. Ours also
 * compares each file with the digest that the context had.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Compression } from '@onebuild/oci';
import { exportLayer } from '../packages/engine/src/layer/export-layer.ts';
import { treeLayer } from '../packages/engine/src/output/tree-layer.ts';
import { createFolderTree } from '../packages/engine/src/source/folder-tree.ts';
import { createFsBlobStore } from '../packages/engine/src/store/fs-blob-store.ts';

const folder = process.argv[2] ?? '/usr/lib';
const rounds = Number(process.argv[3] ?? 3);
const work = mkdtempSync(join(tmpdir(), 'onebuild-bench-'));
const tree = createFolderTree(folder, {});
const started = performance.now();
const layer = await treeLayer(tree);
const { entries } = layer.index;
const listed = performance.now() - started;
const bytes = entries.reduce((sum, { size }) => sum + size, 0);
console.log(`${folder}: ${entries.length} entries, ${(bytes / 1e6).toFixed(1)} MB`);
console.log(`listed and hashed in ${listed.toFixed(0)} ms (${(bytes / 1e3 / listed).toFixed(0)} MB/s)`);

async function ours(compression: Compression): Promise<number> {
  const blobs = createFsBlobStore({ root: join(work, 'blobs'), temp: join(work, 'temp') });
  const { descriptor } = await exportLayer(layer.index, (entry) => layer.contentOf(entry), {
    blobs,
    mtimeOf: () => 0,
    layers: { compression },
  });
  rmSync(join(work, 'blobs'), { recursive: true });
  return descriptor.size;
}

function shell(compressor: string): number {
  const line =
    `tar --sort=name -C "$1" -cf - . | tee >(sha256sum >/dev/null) | ${compressor} | ` +
    'tee >(sha256sum >/dev/null) > "$2"; stat -c %s "$2"';
  const size = execFileSync('bash', ['-c', line, 'bench', folder, join(work, 'out')]);
  return Number(size.toString());
}

const ways: readonly (readonly [string, () => number | Promise<number>])[] = [
  ['onebuild gzip -6', () => ours('gzip')],
  ['tar | pigz -6', () => shell('pigz -n -6')],
  ['tar | gzip -6', () => shell('gzip -n -6')],
  ['onebuild zstd -3', () => ours('zstd')],
  ['tar | zstd -3 -T0', () => shell('zstd -q -3 -T0')],
  ['onebuild none', () => ours('none')],
];

try {
  const times = new Map<string, number[]>();
  const sizes = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of ways) {
      const start = performance.now();
      sizes.set(name, await run());
      times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
    }
  }
  for (const [name, list] of times) {
    const median = list.sort((one, other) => one - other)[list.length >> 1] ?? 0;
    const speed = bytes / 1e3 / median;
    const size = ((sizes.get(name) ?? 0) / 1e6).toFixed(1);
    console.log(
      `${name.padEnd(18)} ${median.toFixed(0).padStart(7)} ms  ${speed.toFixed(0).padStart(5)} MB/s  ${size} MB`,
    );
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
