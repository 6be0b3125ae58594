import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from '../snapshot/remove-tree.ts';
import type { ItemKind } from './cache-db.ts';
import { itemPath } from './item-path.ts';
import type { Store } from './store.ts';

/** Something in a room of the store that no account names: a process died between putting it there and saying so. */
export interface Stray {
  readonly kind: ItemKind;
  /** Name of the file or folder. */
  readonly id: string;
}

/** Removes what killed processes left in the store's rooms. What is young stays: a running build says a moment later that it is its own. */
export async function removeStrays(store: Store, now: number): Promise<readonly Stray[]> {
  const known = new Set(store.db.items().map((item) => itemPath(store, item)));
  const strays: Stray[] = [];
  for (const [kind, room] of [
    ['blob', join(store.home, 'blobs', 'sha256')],
    ['layer', store.layersDir],
    ['index', store.indexDir],
    ['mount', store.mountsDir],
    ['source', store.sourcesDir],
  ] as const) {
    for (const name of await readdir(room)) {
      const path = join(room, name);
      if (known.has(path) || (await isYoung(path, now))) continue;
      if (kind === 'source' && (await isNoteOfKnown(path, { room, known }))) continue;
      strays.push({ kind, id: name });
      await removeTree(path);
    }
  }
  return strays;
}

async function isYoung(path: string, now: number): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found === undefined || found.ctimeMs > now - 600_000;
}

/** Beside sources lie notes on them: `<name>.json`, and `url-<hash>.json` with the digest of a file. */
async function isNoteOfKnown(
  path: string,
  { room, known }: { readonly room: string; readonly known: ReadonlySet<string> },
): Promise<boolean> {
  if (!path.endsWith('.json')) return false;
  if (known.has(path.slice(0, -'.json'.length))) return true;
  try {
    const { digest } = JSON.parse(await readFile(path, 'utf8')) as { readonly digest?: unknown };
    return typeof digest === 'string' && known.has(join(room, `file-${digest.replace(/^sha256:/, '')}`));
  } catch {
    return false;
  }
}
