import { createHash, type Hash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, read, readSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Digest, fault, isFault, toFault } from '@onebuild/core';
import { createLayerIndexer, createTarParser, type LayerEntry, type LayerIndex } from '@onebuild/oci';
import { nativePath } from '../posix/native-path.ts';
import { openInside } from '../posix/open-inside.ts';
import type { FileContent } from '../tree/file-tree.ts';
import { openTar } from './open-tar.ts';

/** What an archive holds, as a layer: hard links follow their files, later members replace earlier ones. */
export interface ArchiveFiles {
  readonly index: LayerIndex;
  contentOf(entry: LayerEntry): FileContent;
}

/**
 * Reads a local archive that ADD unpacks; undefined where the file is none, also for a tar archive without members.
 * Contents go into a new folder below `temp`, named by digest: no name of the archive ever becomes a path of the host.
 * With `digest`, the file is one of the host that may change: it has to be what it was, and where it was.
 * @throws TAR_INVALID when it is damaged, or has names that no layer can hold; TOOL_MISSING, DISK_FULL, CONTEXT_READ, CONTEXT_CHANGED
 */
export async function openArchive(
  path: string,
  options: {
    readonly temp: string;
    readonly digest?: Digest | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<ArchiveFiles | undefined> {
  const file = createCheckedFile(path, options.digest);
  let found: ArchiveFiles | undefined;
  try {
    found = await readArchive(() => file.read(), options);
  } catch (error) {
    // what damaged it may be what changed it
    if (isFault(error, 'TAR_INVALID', 'CONTEXT_READ')) file.check();
    throw error;
  }
  file.check();
  return found;
}

async function readArchive(
  file: () => AsyncIterable<Uint8Array>,
  { temp, signal }: Parameters<typeof openArchive>[1],
): Promise<ArchiveFiles | undefined> {
  const opened = await openTar(file, signal);
  if (opened.kind !== 'tar' || opened.empty) {
    await opened.bytes[Symbol.asyncIterator]().return?.();
    return undefined;
  }
  const folder = mkdtempSync(join(temp, 'archive-'));
  const indexer = createLayerIndexer({ linksSetAttributes: true });
  const keeper = createContentKeeper(folder);
  const parser = createTarParser({
    entry(entry) {
      if (/(?:^|\/)\.wh\./.test(entry.path)) throw reservedName(entry.name);
      indexer.entry(entry);
      if (entry.type === 'file') keeper.begin();
    },
    data(chunk) {
      indexer.data(chunk);
      keeper.write(chunk);
    },
    end() {
      indexer.end();
      keeper.finish();
    },
  });
  try {
    for await (const chunk of opened.bytes) {
      signal?.throwIfAborted();
      parser.write(chunk);
    }
    parser.end();
  } finally {
    keeper.close();
  }
  return {
    index: indexer.finish(),
    contentOf: ({ digest = '' }) => ({ kind: 'layer', layer: folder, path: digest.slice('sha256:'.length) }),
  };
}

const readPiece = promisify(read);
const pieceSize = 256 << 10;

/** A file that is read once or twice; where its digest is known, all of it is compared with that, also what the reader left. */
function createCheckedFile(path: string, digest: Digest | undefined) {
  let changed = false;
  return {
    async *read(): AsyncGenerator<Uint8Array> {
      const hash = digest === undefined ? undefined : createHash('sha256');
      try {
        const descriptor = digest === undefined ? openSync(nativePath(path), 'r') : openInside(path);
        try {
          for (;;) {
            const piece = Buffer.allocUnsafe(pieceSize);
            const { bytesRead } = await readPiece(descriptor, piece, 0, pieceSize, null);
            if (bytesRead === 0) break;
            hash?.update(piece.subarray(0, bytesRead));
            yield piece.subarray(0, bytesRead);
          }
        } finally {
          if (hash) changed ||= restDigest(descriptor, hash) !== digest;
          closeSync(descriptor);
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ELOOP') changed = true;
        throw fault('CONTEXT_READ', `${path} cannot be read: ${toFault(error).message}`, { cause: error });
      }
    },
    /** @throws CONTEXT_CHANGED */
    check() {
      if (changed) throw fault('CONTEXT_CHANGED', `${path} changed while the build read it`);
    },
  };
}

function restDigest(descriptor: number, hash: Hash): Digest {
  const piece = Buffer.allocUnsafe(pieceSize);
  for (let count = -1; count !== 0; ) {
    count = readSync(descriptor, piece, 0, pieceSize, null);
    hash.update(piece.subarray(0, count));
  }
  return `sha256:${hash.digest('hex')}` as Digest;
}

/** Files that are named by the digest of what is in them. */
function createContentKeeper(folder: string) {
  const temp = join(folder, 'new');
  let descriptor: number | undefined;
  let hash = createHash('sha256');
  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      throw toFault(error);
    }
  };
  return {
    begin: () =>
      guarded(() => {
        hash = createHash('sha256');
        descriptor = openSync(temp, 'w', 0o600);
      }),
    write: (chunk: Uint8Array) =>
      guarded(() => {
        if (descriptor === undefined) return;
        hash.update(chunk);
        for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at, chunk.length - at);
      }),
    finish: () =>
      guarded(() => {
        if (descriptor === undefined) return;
        closeSync(descriptor);
        descriptor = undefined;
        renameSync(temp, join(folder, hash.digest('hex')));
      }),
    close: () => {
      if (descriptor !== undefined) closeSync(descriptor);
    },
  };
}

function reservedName(name: string): Error {
  return fault(
    'TAR_INVALID',
    `${JSON.stringify(name)}: names that start with \`.wh.\` mean removals in image layers`,
    {
      hint: 'Leave such files out of the archive, or unpack it in a RUN step.',
    },
  );
}
