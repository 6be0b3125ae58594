import { createReadStream } from 'node:fs';
import { type FetchedSource, fetchSource } from './http-source.ts';
import { openTarContext, type TarContext } from './tar-context.ts';

/**
 * A context from a URL: an archive, or a Dockerfile alone.
 * @throws SOURCE_FETCH, TAR_INVALID, CONTEXT_READ, TOOL_MISSING, DISK_FULL
 */
export async function openHttpContext(
  url: string,
  options: {
    /** Where fetched files are kept between builds. */
    readonly dir: string;
    readonly temp: string;
    readonly proxy?: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
    /** Keeps what `fetch` brings from being collected. */
    readonly hold?: (fetch: () => Promise<FetchedSource>) => Promise<FetchedSource>;
  },
): Promise<TarContext> {
  const { dir, temp, signal, proxy, hold = (fetch) => fetch() } = options;
  const file = await hold(() => fetchSource(url, { dir, temp, signal, ...(proxy && { proxy }) }));
  return openTarContext(createReadStream(file.path), { temp, signal, name: url });
}
