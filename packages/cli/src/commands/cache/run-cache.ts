import { listCache, pruneCache } from '@onebuild/engine';
import type { CliContext } from '../../cli-context.ts';
import { parseBytes, parseDays } from '../../flags/amounts.ts';
import type { CacheFlags, CachePruneFlags } from './define-cache.ts';
import { renderListing, renderPruned } from './render-cache.ts';
import { withPlace } from './with-place.ts';

/** `onebuild cache ls` */
export async function listEntries(context: CliContext, ref: string, flags: CacheFlags): Promise<void> {
  const { signal } = context;
  await withPlace(
    context,
    { ref, flags },
    { work: ({ place }) => listCache(place, { signal }), render: renderListing },
  );
}

/** Where no limit is given: that of `--cache-to`. */
const usualAge = '30d';

/** `onebuild cache prune` */
export async function prune(context: CliContext, ref: string, flags: CachePruneFlags): Promise<void> {
  const { signal, clock } = context;
  const { maxSize, dryRun = false } = flags;
  const maxAge = flags.maxAge ?? (maxSize === undefined ? usualAge : undefined);
  const limits = {
    ...(maxAge !== undefined && { maxAgeDays: parseDays(maxAge, '--max-age') }),
    ...(maxSize !== undefined && { maxSize: parseBytes(maxSize, '--max-size') }),
  };
  await withPlace(
    context,
    { ref, flags },
    {
      work: ({ place }) => pruneCache(place, { limits, dryRun, clock, signal }),
      render: (pruned) => renderPruned(pruned, dryRun),
    },
  );
}
