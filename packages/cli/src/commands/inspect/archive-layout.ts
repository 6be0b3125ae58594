import { createReadStream } from 'node:fs';
import { fault } from '@onebuild/core';
import { createTarParser, type LayoutFiles } from '@onebuild/oci';

/** Bytes of all documents of an archive that are kept while it is looked at. */
const largestKept = 64 * 2 ** 20;

/** A layer is hardly ever smaller, a document hardly ever larger; a larger one is looked up again. */
const smallFile = 2 ** 20;

/**
 * A layout as an uncompressed tar archive (`docker buildx build -o type=oci`, `skopeo copy ... oci-archive:`). One pass keeps the
 * small files; whatever else is asked for is looked up by another.
 * @throws TAR_INVALID
 */
export async function openArchiveLayout(file: string): Promise<LayoutFiles> {
  const kept = new Map<string, Buffer>();
  let size = 0;
  for await (const { path, bytes, isFirst } of readMembers(file, (entry) => entry.size <= smallFile)) {
    size += bytes.length;
    if (size > largestKept) break;
    const before = isFirst ? undefined : kept.get(path);
    kept.set(path, before === undefined ? bytes : Buffer.concat([before, bytes]));
  }
  const open: LayoutFiles['open'] = async function* (path) {
    const known = kept.get(path);
    if (known !== undefined) return yield known;
    let found = false;
    for await (const { bytes } of readMembers(file, (entry) => entry.path === path)) {
      found = true;
      yield bytes;
    }
    if (!found) throw fault('BLOB_NOT_FOUND', `${path} is not in ${file}`);
  };
  return {
    async read(path, limit) {
      const known = kept.get(path);
      if (known !== undefined) return known.length <= limit ? known : tooLarge(path, limit);
      const chunks: Uint8Array[] = [];
      let read = 0;
      for await (const { bytes } of readMembers(file, (entry) => entry.path === path)) {
        read += bytes.length;
        if (read > limit) return tooLarge(path, limit);
        chunks.push(bytes);
      }
      return chunks.length === 0 ? undefined : Buffer.concat(chunks);
    },
    open,
  };
}

function tooLarge(path: string, limit: number): never {
  throw fault('MANIFEST_INVALID', `${path} of the archive has more than ${limit} bytes`);
}

interface Piece {
  readonly path: string;
  readonly bytes: Buffer;
  /** It begins a file. */
  readonly isFirst: boolean;
}

/** The content of the files that are wanted, piece by piece. */
async function* readMembers(
  file: string,
  isWanted: (entry: { readonly path: string; readonly size: number }) => boolean,
): AsyncGenerator<Piece, void, undefined> {
  let wanted: string | undefined;
  let isFirst = true;
  let found: Piece[] = [];
  const parser = createTarParser({
    entry(entry) {
      wanted = entry.type === 'file' && isWanted(entry) ? entry.path : undefined;
      isFirst = true;
    },
    data(chunk) {
      if (wanted === undefined) return;
      found.push({ path: wanted, bytes: Buffer.from(chunk), isFirst });
      isFirst = false;
    },
    end() {
      wanted = undefined;
    },
  });
  const source = createReadStream(file, { highWaterMark: 2 ** 20 }) as AsyncIterable<Uint8Array>;
  for await (const chunk of source) {
    parser.write(chunk);
    yield* found;
    found = [];
  }
  parser.end();
}
