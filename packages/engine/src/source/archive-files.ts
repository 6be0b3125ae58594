import { createHash } from 'node:crypto';
import { closeSync, createReadStream, mkdtempSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fault, toFault } from '@onebuild/core';
import { createLayerIndexer, createTarParser, type LayerEntry, type LayerIndex } from '@onebuild/oci';
import { nativePath } from '../posix/native-path.ts';
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
 * @throws TAR_INVALID when it is damaged, or has names that no layer can hold; TOOL_MISSING, DISK_FULL, CONTEXT_READ
 */
export async function openArchive(
  path: string,
  options: { readonly temp: string; readonly signal?: AbortSignal | undefined },
): Promise<ArchiveFiles | undefined> {
  const { temp, signal } = options;
  const opened = await openTar(() => readFile(path), signal);
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

async function* readFile(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(nativePath(path), { highWaterMark: 256 << 10 }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw fault('CONTEXT_READ', `${path} cannot be read: ${toFault(error).message}`, { cause: error });
  }
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
