import type { TarHandlers } from './tar-entry.ts';
import type { TarLimits } from './tar-limits.ts';
import { createTarParser } from './tar-parser.ts';

/** Reads an uncompressed archive to its end; see {@link createTarParser}. */
export async function readTar(
  source: AsyncIterable<Uint8Array>,
  handlers: TarHandlers,
  limits?: Partial<TarLimits>,
): Promise<void> {
  const parser = createTarParser(handlers, limits);
  for await (const chunk of source) parser.write(chunk);
  parser.end();
}
