import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { inputs } from '../inputs/prepare-inputs.ts';
import { measureContainer } from './measure-container.ts';
import type { Limits } from './results.ts';

const sampleSize = 64 * 1024 * 1024;

/** How fast one core does what an export cannot do without, over a sample of the tree's own bytes. */
export async function measureLimits(work: string, run: string): Promise<Limits> {
  console.log('bench: limits');
  const root = join(work, inputs.tree, 'root');
  const names = filesIn(root);
  const look = timed(() => {
    for (const name of names) lstatSync(name);
  });
  let bytes = 0;
  const chunks: Buffer[] = [];
  const read = timed(() => {
    for (const [at, name] of names.entries()) {
      const content = readFileSync(name);
      bytes += content.length;
      // every third file: a sample of all parts of the tree
      if (at % 3 === 0) chunks.push(content);
    }
  });
  const sample = Buffer.concat(chunks).subarray(0, sampleSize);
  const disk = timed(() => {
    const file = join(run, 'written');
    const handle = openSync(file, 'w');
    for (let at = 0; at < 4; at++) writeSync(handle, sample);
    fsyncSync(handle);
    closeSync(handle);
    rmSync(file);
  });
  const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
  let zipped = sample;
  const gzip = timed(() => {
    zipped = gzipSync(sample, { level: 4 });
  });
  return {
    tree: { files: names.length, bytes },
    look: look / names.length,
    read: bytes / read,
    write: (4 * sample.length) / disk,
    gzip: sample.length / gzip,
    gunzip: sample.length / timed(() => gunzipSync(zipped)),
    zstd: sample.length / timed(() => zstdCompressSync(sample, zstdOptions)),
    sha256: sample.length / timed(() => createHash('sha256').update(sample).digest()),
    container: await measureContainer(join(run, 'bundle')),
  };
}

/** Links are not followed, as `readdir` of Node.js does when it is to go into folders itself. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
  });
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}
