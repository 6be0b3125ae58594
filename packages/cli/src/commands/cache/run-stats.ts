import { type CacheStats, cacheStats, localCacheStats } from '@onebuild/engine';
import type { CliContext } from '../../cli-context.ts';
import { findStoreHome } from '../../settings/store-home.ts';
import type { CacheStatsFlags } from './define-cache.ts';
import { renderStats } from './render-stats.ts';
import { withPlace } from './with-place.ts';

/** `onebuild cache stats` */
export async function showStats(
  context: CliContext,
  ref: string | undefined,
  flags: CacheStatsFlags,
): Promise<void> {
  const { signal, clock, stdout } = context;
  if (ref !== undefined) {
    const work = ({ place }: { readonly place: Parameters<typeof cacheStats>[0] }) =>
      cacheStats(place, { signal });
    await withPlace(context, { ref, flags }, { work, render: renderStats });
    return;
  }
  const all: readonly CacheStats[] = await localCacheStats({
    home: findStoreHome(context, flags.home),
    clock,
  });
  const lines = all.flatMap((stats, at) => (at === 0 ? renderStats(stats) : ['', ...renderStats(stats)]));
  if (flags.json === true) stdout.write(`${JSON.stringify(all, null, 2)}\n`);
  else if (lines.length > 0) stdout.write(`${lines.join('\n')}\n`);
  else stdout.write('No build of this machine used a cache yet (--cache-from, --cache-to).\n');
}
