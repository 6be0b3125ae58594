import type { TarEntry } from '../src/tar/tar-entry.ts';
import type { TarLimits } from '../src/tar/tar-limits.ts';
import { createTarParser } from '../src/tar/tar-parser.ts';

export interface Member {
  readonly entry: TarEntry;
  readonly content: Buffer;
}

/** All members of an archive that is parsed in pieces of `chunk` bytes; checks the order of the calls. */
export function collectMembers(
  archive: Uint8Array,
  options: { readonly chunk?: number; readonly limits?: Partial<TarLimits> } = {},
): Member[] {
  const members: Member[] = [];
  let open: { entry: TarEntry; chunks: Buffer[] } | undefined;
  const parser = createTarParser(
    {
      entry(entry) {
        if (open) throw new Error('entry before end');
        open = { entry, chunks: [] };
      },
      data(chunk) {
        if (open?.entry.type !== 'file' || chunk.length === 0) throw new Error('data of no file');
        open.chunks.push(Buffer.from(chunk));
      },
      end() {
        if (!open) throw new Error('end without entry');
        members.push({ entry: open.entry, content: Buffer.concat(open.chunks) });
        open = undefined;
      },
    },
    options.limits,
  );
  const step = options.chunk ?? Math.max(archive.length, 1);
  for (let at = 0; at < archive.length; at += step) parser.write(archive.subarray(at, at + step));
  parser.end();
  return members;
}
