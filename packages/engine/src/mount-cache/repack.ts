import { closeSync } from 'node:fs';
import type { Digest } from '@onebuild/core';
import type { Descriptor } from '@onebuild/oci';
import { chooseRepacked } from './choose-repacked.ts';
import type { EarlierSnapshot } from './earlier-snapshot.ts';
import { ifThere } from './find-files.ts';
import type { ChunkPlace, MountEntry } from './mount-listing.ts';
import { chunkDigest, type PackWriter } from './pack-writer.ts';
import { openQuietly, readPart } from './read-file.ts';

export interface RepackOptions {
  /** The folder, as the kernel names it. */
  readonly top: string;
  readonly earlier: EarlierSnapshot;
  readonly packs: ReadonlyMap<Digest, Descriptor>;
  readonly writer: PackWriter;
  readonly signal: AbortSignal;
}

/**
 * Writes chunks anew whose packs are hardly in use, or too small and too many. Their bytes come from the folder; a chunk that is not there any
 * more (the file changed since it was read) stays where it is.
 */
export async function repack(entries: readonly MountEntry[], options: RepackOptions): Promise<void> {
  const { top, earlier, packs, writer, signal } = options;
  const used = new Map<string, ChunkPlace>();
  for (const { chunks = [] } of entries) {
    for (const digest of chunks) {
      const place = earlier.chunks.get(digest);
      if (place !== undefined) used.set(digest, place);
    }
  }
  const chosen = chooseRepacked(used.values(), packs);
  if (chosen.size === 0) return;
  for (const { path, chunks = [] } of entries) {
    if (!chunks.some((digest) => isChosen(digest))) continue;
    signal.throwIfAborted();
    const fd = ifThere(() => openQuietly(`${top}/${path}`));
    if (fd === undefined) continue;
    try {
      let offset = 0;
      for (const digest of chunks) {
        const length = earlier.chunks.get(digest)?.rawLength ?? writer.lengthOf(digest);
        if (length === undefined) break;
        if (isChosen(digest)) {
          const bytes = readPart(fd, offset, length);
          if (chunkDigest(bytes) === digest) await writer.add(digest, bytes);
        }
        offset += length;
      }
    } finally {
      closeSync(fd);
    }
  }

  function isChosen(digest: string): boolean {
    const pack = used.get(digest)?.pack;
    return pack !== undefined && chosen.has(pack) && !writer.has(digest);
  }
}
