import type { HistoryEntry, ImageConfig } from '../manifest.ts';

/**
 * The history of a config with exactly one entry that is not `empty_layer` per layer, as whatever is built on it needs.
 * Images whose history is short (or missing) get entries without words for their upper layers; where it tells of more
 * layers than there are, its lowest surplus entries become empty ones. BuildKit does the same.
 */
export function consistentHistory(config: ImageConfig): readonly HistoryEntry[] {
  const history = config.history ?? [];
  const told = history.filter((entry) => !entry.empty_layer).length;
  const there = config.rootfs.diff_ids.length;
  if (told <= there) return [...history, ...Array.from({ length: there - told }, (): HistoryEntry => ({}))];
  let surplus = told - there;
  return history.map((entry) => {
    if (entry.empty_layer || surplus === 0) return entry;
    surplus--;
    return { ...entry, empty_layer: true };
  });
}
