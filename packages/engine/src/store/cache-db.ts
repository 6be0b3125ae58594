import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type Digest, fault } from '@onebuild/core';
import { indexDigest } from '@onebuild/oci';

/** What the store accounts for. `layer`: an unpacked folder; `index`: a layer's listing; `mount`: a cache mount; `source`: a fetched file or repository. */
export const itemKinds = ['blob', 'layer', 'index', 'mount', 'source'] as const;

export type ItemKind = (typeof itemKinds)[number];

export interface StoreItem {
  readonly kind: ItemKind;
  readonly id: string;
  /** bytes on disk, about */
  readonly size: number;
  /** Milliseconds since the Unix epoch. */
  readonly used: number;
}

/** How a layer looks once it is a blob. */
export interface ExportedLayer {
  readonly digest: Digest;
  readonly size: number;
  readonly mediaType: string;
  readonly diffId: Digest;
}

const schemaVersion = 1;

/** A layer that needs no item. */
const emptyLayer = indexDigest({ entries: [] });

const schema = `
CREATE TABLE IF NOT EXISTS items (kind TEXT NOT NULL, id TEXT NOT NULL, size INTEGER NOT NULL, used INTEGER NOT NULL,
  PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS results (key TEXT PRIMARY KEY, layer TEXT NOT NULL, made INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS results_by_layer ON results (layer);
CREATE TABLE IF NOT EXISTS exports (layer TEXT NOT NULL, form TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL,
  media_type TEXT NOT NULL, diff_id TEXT NOT NULL, PRIMARY KEY (layer, form)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (key TEXT PRIMARY KEY, digest TEXT NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, made INTEGER NOT NULL,
  PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS locks (name TEXT PRIMARY KEY, owner TEXT NOT NULL) WITHOUT ROWID;
`;

/** Milliseconds that a process waits for others' writes. */
const busyMs = 30_000;
/** SQLITE_BUSY */
const busyCode = 5;

/** Going over to WAL fails at once when another process does it in the same moment: SQLite's own waiting does not cover it. */
function whileBusy(work: () => void): void {
  const until = performance.now() + busyMs;
  for (;;) {
    try {
      work();
      return;
    } catch (error) {
      if ((error as { errcode?: unknown }).errcode !== busyCode || performance.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5 + Math.random() * 20);
    }
  }
}

/** The store's accounts and answers, in SQLite (WAL): many processes read and write at once; a crash loses at most the last answers. */
export class CacheDb {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #now: () => number;
  /** File hashes wait here, one transaction writes them. */
  readonly #newFiles = new Map<string, Digest>();

  constructor(path: string, now: () => number) {
    this.#now = now;
    this.#db = new DatabaseSync(path, { timeout: busyMs });
    whileBusy(() => this.#db.exec('PRAGMA journal_mode=WAL'));
    this.#db.exec('PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;');
    const { user_version: version } = this.#db.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    if (version > schemaVersion) {
      this.#db.close();
      throw fault('STORE_VERSION', `${path} has version ${version}, this program knows ${schemaVersion}`);
    }
    if (version < schemaVersion) {
      this.#db.exec(`BEGIN IMMEDIATE; ${schema} PRAGMA user_version=${schemaVersion}; COMMIT;`);
    }
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** Marks an item as in use; false when it isn't there (or was collected just now). */
  touch(kind: ItemKind, id: string): boolean {
    return (
      this.#prepare('UPDATE items SET used = ? WHERE kind = ? AND id = ?').run(this.#now(), kind, id)
        .changes > 0
    );
  }

  put(kind: ItemKind, id: string, size: number): void {
    this.#prepare(
      'INSERT INTO items (kind, id, size, used) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET size = excluded.size, used = excluded.used',
    ).run(kind, id, size, this.#now());
  }

  /** All items, least recently used first. */
  items(): readonly StoreItem[] {
    return this.#prepare(
      'SELECT kind, id, size, used FROM items ORDER BY used, kind, id',
    ).all() as unknown as StoreItem[];
  }

  /** Takes an item out of the accounts unless it was used since `usedBefore`; true when it is the caller's to delete. */
  take(item: StoreItem): boolean {
    const taken = this.#prepare('DELETE FROM items WHERE kind = ? AND id = ? AND used <= ?').run(
      item.kind,
      item.id,
      item.used,
    );
    return taken.changes > 0;
  }

  /** The layer that the operation with this content key made. */
  result(key: string): Digest | undefined {
    const row = this.#prepare('SELECT layer FROM results WHERE key = ?').get(key) as
      | { layer: Digest }
      | undefined;
    return row?.layer;
  }

  setResult(key: string, layer: Digest): void {
    this.#prepare('INSERT OR REPLACE INTO results (key, layer, made) VALUES (?, ?, ?)').run(
      key,
      layer,
      this.#now(),
    );
  }

  /** `form` says what else decides over the bytes: times, compression, level. */
  exported(layer: string, form: string): ExportedLayer | undefined {
    const row = this.#prepare(
      'SELECT digest, size, media_type AS mediaType, diff_id AS diffId FROM exports WHERE layer = ? AND form = ?',
    ).get(layer, form);
    return row as ExportedLayer | undefined;
  }

  setExported(layer: string, form: string, blob: ExportedLayer): void {
    this.#prepare('INSERT OR REPLACE INTO exports VALUES (?, ?, ?, ?, ?, ?)').run(
      layer,
      form,
      blob.digest,
      blob.size,
      blob.mediaType,
      blob.diffId,
    );
  }

  fileHash(key: string): Digest | undefined {
    const fresh = this.#newFiles.get(key);
    if (fresh !== undefined) return fresh;
    const row = this.#prepare('SELECT digest FROM files WHERE key = ?').get(key) as
      | { digest: Digest }
      | undefined;
    return row?.digest;
  }

  setFileHash(key: string, digest: Digest): void {
    this.#newFiles.set(key, digest);
    if (this.#newFiles.size >= 5000) this.flush();
  }

  /** A small remembered text: an image's config by digest, an ETag. */
  fact(kind: string, key: string): string | undefined {
    const row = this.#prepare('SELECT value FROM facts WHERE kind = ? AND key = ?').get(kind, key) as
      | { value: string }
      | undefined;
    return row?.value;
  }

  setFact(kind: string, key: string, value: string): void {
    this.#prepare('INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?)').run(kind, key, value, this.#now());
  }

  /** Takes a named lock for `owner`, replacing one whose holder `isAlive` denies. */
  tryLock(name: string, owner: string, isAlive: (owner: string) => boolean): boolean {
    return this.exclusively(() => {
      const row = this.#prepare('SELECT owner FROM locks WHERE name = ?').get(name) as
        | { owner: string }
        | undefined;
      if (row !== undefined && row.owner !== owner && isAlive(row.owner)) return false;
      this.#prepare('INSERT OR REPLACE INTO locks VALUES (?, ?)').run(name, owner);
      return true;
    });
  }

  unlock(name: string, owner: string): void {
    this.#prepare('DELETE FROM locks WHERE name = ? AND owner = ?').run(name, owner);
  }

  /** Forgets the locks of owners that `isAlive` denies. */
  pruneLocks(isAlive: (owner: string) => boolean): void {
    for (const { name, owner } of this.locks('')) if (!isAlive(owner)) this.unlock(name, owner);
  }

  /** Owners of locks whose name starts so, with the name. */
  locks(prefix: string): readonly { readonly name: string; readonly owner: string }[] {
    return this.#prepare('SELECT name, owner FROM locks WHERE name >= ? AND name < ?').all(
      prefix,
      `${prefix}\u{10ffff}`,
    ) as unknown as { name: string; owner: string }[];
  }

  /** Forgets answers that point at nothing, and what no item accounts for (file hashes, steps that changed nothing) and is older than `before`. */
  prune(before: number): void {
    this.exclusively(() => {
      this.#prepare(
        "DELETE FROM results WHERE layer NOT IN (SELECT id FROM items WHERE kind = 'index') AND (layer != ? OR made < ?)",
      ).run(emptyLayer, before);
      this.#prepare(
        "DELETE FROM exports WHERE digest NOT IN (SELECT id FROM items WHERE kind = 'blob')",
      ).run();
      this.#prepare('DELETE FROM files WHERE used < ?').run(before);
    });
  }

  flush(): void {
    if (this.#newFiles.size === 0) return;
    this.exclusively(() => {
      const insert = this.#prepare('INSERT OR REPLACE INTO files VALUES (?, ?, ?)');
      for (const [key, digest] of this.#newFiles) insert.run(key, digest, this.#now());
    });
    this.#newFiles.clear();
  }

  /** Does `work` while no other process writes; all of it counts, or none. It has to be quick. */
  exclusively<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.flush();
    this.#db.close();
  }
}
