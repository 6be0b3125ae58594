import type { Digest } from '@onebuild/core';
import { emptyLayer } from '../layer/empty-layer.ts';
import { SqliteFile } from './sqlite-file.ts';

/** What the store accounts for. `layer`: an unpacked folder; `index`: a layer's listing; `mount`: a cache mount; `source`: a fetched file or repository. */
export const itemKinds = ['blob', 'layer', 'index', 'mount', 'source'] as const;

export type ItemKind = (typeof itemKinds)[number];

export interface StoreItem {
  readonly kind: ItemKind;
  readonly id: string;
  /** bytes on disk, about */
  readonly size: number;
  /** Milliseconds since the Unix epoch; 0 for one that is being removed, or was when its remover died. */
  readonly used: number;
}

/** How a layer looks once it is a blob. */
export interface ExportedLayer {
  readonly digest: Digest;
  readonly size: number;
  readonly mediaType: string;
  readonly diffId: Digest;
}

const schemaVersion = 2;

const schema = `
CREATE TABLE IF NOT EXISTS items (kind TEXT NOT NULL, id TEXT NOT NULL, size INTEGER NOT NULL, used INTEGER NOT NULL,
  PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS results (key TEXT PRIMARY KEY, layer TEXT NOT NULL, made INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS results_by_layer ON results (layer);
CREATE TABLE IF NOT EXISTS exports (layer TEXT NOT NULL, form TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL,
  media_type TEXT NOT NULL, diff_id TEXT NOT NULL, PRIMARY KEY (layer, form)) WITHOUT ROWID;
DROP TABLE IF EXISTS files;
CREATE TABLE IF NOT EXISTS folders (path TEXT PRIMARY KEY, hashes TEXT NOT NULL, made INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS facts (kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, made INTEGER NOT NULL,
  PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS locks (name TEXT PRIMARY KEY, owner TEXT NOT NULL) WITHOUT ROWID;
`;

/** The store's accounts and answers, in SQLite: many processes read and write at once; a crash loses at most the last answers. */
export class CacheDb {
  readonly #file: SqliteFile;
  readonly #now: () => number;
  /** File hashes of folders wait here, one transaction writes them. */
  readonly #newHashes = new Map<string, string>();

  /** @throws STORE_VERSION, STORE_CORRUPT, DISK_FULL, FILE_ACCESS; all methods throw the latter three, too */
  constructor(path: string, now: () => number) {
    // 0 is for what is being removed
    this.#now = () => Math.max(1, now());
    this.#file = new SqliteFile(path, { version: schemaVersion, schema });
  }

  /** Marks an item as in use; false when it isn't there, or is being removed. */
  touch(kind: ItemKind, id: string): boolean {
    return (
      this.#file.run(
        'UPDATE items SET used = ? WHERE kind = ? AND id = ? AND used > 0',
        this.#now(),
        kind,
        id,
      ) > 0
    );
  }

  put(kind: ItemKind, id: string, size: number): void {
    this.#file.run(
      'INSERT INTO items (kind, id, size, used) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET size = excluded.size, used = excluded.used',
      kind,
      id,
      size,
      this.#now(),
    );
  }

  /** All items, least recently used first. */
  items(): readonly StoreItem[] {
    return this.#file.all('SELECT kind, id, size, used FROM items ORDER BY used, kind, id') as StoreItem[];
  }

  /**
   * Marks an item as being removed unless it was used since `item.used`: from now on `touch` denies it, and `put` brings it back. Stays
   * so when this process dies before `drop`.
   */
  condemn(item: Pick<StoreItem, 'kind' | 'id' | 'used'>): boolean {
    return (
      this.#file.run(
        'UPDATE items SET used = 0 WHERE kind = ? AND id = ? AND used <= ?',
        item.kind,
        item.id,
        item.used,
      ) > 0
    );
  }

  /** Takes a condemned item out of the accounts; false when it is not condemned any more. */
  drop(item: Pick<StoreItem, 'kind' | 'id'>): boolean {
    return this.#file.run('DELETE FROM items WHERE kind = ? AND id = ? AND used = 0', item.kind, item.id) > 0;
  }

  /** The layer that the operation with this content key made. */
  result(key: string): Digest | undefined {
    const row = this.#file.get('SELECT layer FROM results WHERE key = ?', key) as
      | { layer: Digest }
      | undefined;
    return row?.layer;
  }

  setResult(key: string, layer: Digest): void {
    this.#file.run(
      'INSERT OR REPLACE INTO results (key, layer, made) VALUES (?, ?, ?)',
      key,
      layer,
      this.#now(),
    );
  }

  /** `form` says what else decides over the bytes: times, compression, level. */
  exported(layer: string, form: string): ExportedLayer | undefined {
    const row = this.#file.get(
      'SELECT digest, size, media_type AS mediaType, diff_id AS diffId FROM exports WHERE layer = ? AND form = ?',
      layer,
      form,
    );
    return row as ExportedLayer | undefined;
  }

  setExported(layer: string, form: string, blob: ExportedLayer): void {
    this.#file.run(
      'INSERT OR REPLACE INTO exports VALUES (?, ?, ?, ?, ?, ?)',
      layer,
      form,
      blob.digest,
      blob.size,
      blob.mediaType,
      blob.diffId,
    );
  }

  /** What `setFileHashes` was given for the folder. */
  fileHashes(folder: string): string | undefined {
    const fresh = this.#newHashes.get(folder);
    if (fresh !== undefined) return fresh;
    const row = this.#file.get('SELECT hashes FROM folders WHERE path = ?', folder);
    return (row as { hashes: string } | undefined)?.hashes;
  }

  setFileHashes(folder: string, hashes: string): void {
    this.#newHashes.set(folder, hashes);
    if (this.#newHashes.size >= 500) this.flush();
  }

  /** A small remembered text: an image's config by digest, an ETag. */
  fact(kind: string, key: string): string | undefined {
    const row = this.#file.get('SELECT value FROM facts WHERE kind = ? AND key = ?', kind, key) as
      | { value: string }
      | undefined;
    return row?.value;
  }

  /** All texts of a kind, in the order of their keys. */
  facts(kind: string): readonly { readonly key: string; readonly value: string }[] {
    return this.#file.all('SELECT key, value FROM facts WHERE kind = ? ORDER BY key', kind) as unknown as {
      key: string;
      value: string;
    }[];
  }

  setFact(kind: string, key: string, value: string): void {
    this.#file.run('INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?)', kind, key, value, this.#now());
  }

  dropFact(kind: string, key: string): void {
    this.#file.run('DELETE FROM facts WHERE kind = ? AND key = ?', kind, key);
  }

  /** Takes a named lock for `owner`, replacing one whose holder `isAlive` denies. */
  tryLock(name: string, owner: string, isAlive: (owner: string) => boolean): boolean {
    return this.exclusively(() => {
      const row = this.#file.get('SELECT owner FROM locks WHERE name = ?', name) as
        | { owner: string }
        | undefined;
      if (row !== undefined && row.owner !== owner && isAlive(row.owner)) return false;
      this.#file.run('INSERT OR REPLACE INTO locks VALUES (?, ?)', name, owner);
      return true;
    });
  }

  unlock(name: string, owner: string): void {
    this.#file.run('DELETE FROM locks WHERE name = ? AND owner = ?', name, owner);
  }

  /** Forgets the locks of owners that `isAlive` denies. */
  pruneLocks(isAlive: (owner: string) => boolean): void {
    for (const { name, owner } of this.locks('')) if (!isAlive(owner)) this.unlock(name, owner);
  }

  /** Owners of locks whose name starts so, with the name. */
  locks(prefix: string): readonly { readonly name: string; readonly owner: string }[] {
    return this.#file.all(
      'SELECT name, owner FROM locks WHERE name >= ? AND name < ?',
      prefix,
      `${prefix}\u{10ffff}`,
    ) as unknown as { name: string; owner: string }[];
  }

  /** Forgets answers that point at nothing, and what no item accounts for (file hashes, steps that changed nothing) and is older than `before`. */
  prune(before: number): void {
    this.exclusively(() => {
      this.#file.run(
        "DELETE FROM results WHERE layer NOT IN (SELECT id FROM items WHERE kind = 'index') AND (layer != ? OR made < ?)",
        emptyLayer,
        before,
      );
      this.#file.run("DELETE FROM exports WHERE digest NOT IN (SELECT id FROM items WHERE kind = 'blob')");
      this.#file.run(
        "DELETE FROM facts WHERE kind = 'blocks' AND key NOT IN (SELECT id FROM items WHERE kind = 'blob')",
      );
      this.#file.run(
        "DELETE FROM facts WHERE kind IN ('made-by', 'folder-of', 'layer-of', 'layer', 'step', 'place', 'sight', 'spot', 'needs', 'blob-at', 'pushing', 'cache-account') AND made < ?",
        before,
      );
      this.#file.run(
        `DELETE FROM facts WHERE kind IN ('seen', 'seen-by', 'mount-state')
          AND substr(key, 1, instr(key || '/', '/') - 1) NOT IN (SELECT id FROM items WHERE kind = 'mount')`,
      );
      this.#file.run('DELETE FROM folders WHERE made < ?', before);
    });
  }

  flush(): void {
    if (this.#newHashes.size === 0) return;
    this.exclusively(() => {
      for (const [folder, hashes] of this.#newHashes)
        this.#file.run('INSERT OR REPLACE INTO folders VALUES (?, ?, ?)', folder, hashes, this.#now());
    });
    this.#newHashes.clear();
  }

  /** Does `work` while no other process writes; all of it counts, or none. It has to be quick. */
  exclusively<T>(work: () => T): T {
    return this.#file.exclusively(work);
  }

  /** What waits to be written is lost where it cannot be: file hashes only spare reading. */
  close(): void {
    this.#flushQuietly();
    this.#file.close();
  }

  /** `close` for a process that exits next: {@link SqliteFile.leave}. */
  leave(): void {
    this.#flushQuietly();
    this.#file.leave();
  }

  #flushQuietly(): void {
    try {
      this.flush();
    } catch {
      // the reason is told by whoever has to write
    }
  }
}
