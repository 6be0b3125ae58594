import { statSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { type Digest, fault } from '@onebuild/core';
import { emptyLayer } from '../layer/empty-layer.ts';
import { databaseFault } from './database-fault.ts';

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

/** Milliseconds that a process waits for others' writes. */
const busyMs = 30_000;
/** Bytes of write-ahead log that a process leaves to the next one: read in about a millisecond. */
const longestLog = 1 << 20;
/** SQLITE_BUSY */
const busyCode = 5;

/** Going over to WAL fails at once when another process does it in the same moment: SQLite's own waiting does not cover it. */
function whileBusy(work: () => void): void {
  let until: number | undefined;
  for (;;) {
    try {
      work();
      return;
    } catch (error) {
      until ??= performance.now() + busyMs;
      if ((error as { errcode?: unknown }).errcode !== busyCode || performance.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5 + Math.random() * 20);
    }
  }
}

/** The store's accounts and answers, in SQLite (WAL): many processes read and write at once; a crash loses at most the last answers. */
export class CacheDb {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #now: () => number;
  /** File hashes of folders wait here, one transaction writes them. */
  readonly #newHashes = new Map<string, string>();

  /** @throws STORE_VERSION, STORE_CORRUPT, DISK_FULL, FILE_ACCESS; all methods throw the latter three, too */
  constructor(path: string, now: () => number) {
    this.#path = path;
    // 0 is for what is being removed
    this.#now = () => Math.max(1, now());
    this.#db = this.#guard(() => new DatabaseSync(path, { timeout: busyMs }));
    try {
      this.#guard(() => this.#setUp());
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  #setUp(): void {
    whileBusy(() => this.#db.exec('PRAGMA journal_mode=WAL'));
    this.#db.exec('PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;');
    const { user_version: version } = this.#db.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    if (version > schemaVersion) {
      throw fault(
        'STORE_VERSION',
        `${this.#path} has version ${version}, this program knows ${schemaVersion}`,
      );
    }
    if (version < schemaVersion) {
      this.#db.exec(`BEGIN IMMEDIATE; ${schema} PRAGMA user_version=${schemaVersion}; COMMIT;`);
    }
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw databaseFault(error, this.#path);
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

  /** @returns how many rows changed */
  #run(sql: string, ...values: readonly SQLInputValue[]): number {
    return this.#guard(() => Number(this.#prepare(sql).run(...values).changes));
  }

  #get(sql: string, ...values: readonly SQLInputValue[]): unknown {
    return this.#guard(() => this.#prepare(sql).get(...values));
  }

  #all(sql: string, ...values: readonly SQLInputValue[]): unknown {
    return this.#guard(() => this.#prepare(sql).all(...values));
  }

  /** Marks an item as in use; false when it isn't there, or is being removed. */
  touch(kind: ItemKind, id: string): boolean {
    return (
      this.#run('UPDATE items SET used = ? WHERE kind = ? AND id = ? AND used > 0', this.#now(), kind, id) > 0
    );
  }

  put(kind: ItemKind, id: string, size: number): void {
    this.#run(
      'INSERT INTO items (kind, id, size, used) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET size = excluded.size, used = excluded.used',
      kind,
      id,
      size,
      this.#now(),
    );
  }

  /** All items, least recently used first. */
  items(): readonly StoreItem[] {
    return this.#all('SELECT kind, id, size, used FROM items ORDER BY used, kind, id') as StoreItem[];
  }

  /**
   * Marks an item as being removed unless it was used since `item.used`: from now on `touch` denies it, and `put` brings it back. Stays
   * so when this process dies before `drop`.
   */
  condemn(item: Pick<StoreItem, 'kind' | 'id' | 'used'>): boolean {
    return (
      this.#run(
        'UPDATE items SET used = 0 WHERE kind = ? AND id = ? AND used <= ?',
        item.kind,
        item.id,
        item.used,
      ) > 0
    );
  }

  /** Takes a condemned item out of the accounts; false when it is not condemned any more. */
  drop(item: Pick<StoreItem, 'kind' | 'id'>): boolean {
    return this.#run('DELETE FROM items WHERE kind = ? AND id = ? AND used = 0', item.kind, item.id) > 0;
  }

  /** The layer that the operation with this content key made. */
  result(key: string): Digest | undefined {
    const row = this.#get('SELECT layer FROM results WHERE key = ?', key) as { layer: Digest } | undefined;
    return row?.layer;
  }

  setResult(key: string, layer: Digest): void {
    this.#run('INSERT OR REPLACE INTO results (key, layer, made) VALUES (?, ?, ?)', key, layer, this.#now());
  }

  /** `form` says what else decides over the bytes: times, compression, level. */
  exported(layer: string, form: string): ExportedLayer | undefined {
    const row = this.#get(
      'SELECT digest, size, media_type AS mediaType, diff_id AS diffId FROM exports WHERE layer = ? AND form = ?',
      layer,
      form,
    );
    return row as ExportedLayer | undefined;
  }

  setExported(layer: string, form: string, blob: ExportedLayer): void {
    this.#run(
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
    const row = this.#get('SELECT hashes FROM folders WHERE path = ?', folder);
    return (row as { hashes: string } | undefined)?.hashes;
  }

  setFileHashes(folder: string, hashes: string): void {
    this.#newHashes.set(folder, hashes);
    if (this.#newHashes.size >= 500) this.flush();
  }

  /** A small remembered text: an image's config by digest, an ETag. */
  fact(kind: string, key: string): string | undefined {
    const row = this.#get('SELECT value FROM facts WHERE kind = ? AND key = ?', kind, key) as
      | { value: string }
      | undefined;
    return row?.value;
  }

  setFact(kind: string, key: string, value: string): void {
    this.#run('INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?)', kind, key, value, this.#now());
  }

  dropFact(kind: string, key: string): void {
    this.#run('DELETE FROM facts WHERE kind = ? AND key = ?', kind, key);
  }

  /** Takes a named lock for `owner`, replacing one whose holder `isAlive` denies. */
  tryLock(name: string, owner: string, isAlive: (owner: string) => boolean): boolean {
    return this.exclusively(() => {
      const row = this.#get('SELECT owner FROM locks WHERE name = ?', name) as { owner: string } | undefined;
      if (row !== undefined && row.owner !== owner && isAlive(row.owner)) return false;
      this.#run('INSERT OR REPLACE INTO locks VALUES (?, ?)', name, owner);
      return true;
    });
  }

  unlock(name: string, owner: string): void {
    this.#run('DELETE FROM locks WHERE name = ? AND owner = ?', name, owner);
  }

  /** Forgets the locks of owners that `isAlive` denies. */
  pruneLocks(isAlive: (owner: string) => boolean): void {
    for (const { name, owner } of this.locks('')) if (!isAlive(owner)) this.unlock(name, owner);
  }

  /** Owners of locks whose name starts so, with the name. */
  locks(prefix: string): readonly { readonly name: string; readonly owner: string }[] {
    return this.#all(
      'SELECT name, owner FROM locks WHERE name >= ? AND name < ?',
      prefix,
      `${prefix}\u{10ffff}`,
    ) as unknown as { name: string; owner: string }[];
  }

  /** Forgets answers that point at nothing, and what no item accounts for (file hashes, steps that changed nothing) and is older than `before`. */
  prune(before: number): void {
    this.exclusively(() => {
      this.#run(
        "DELETE FROM results WHERE layer NOT IN (SELECT id FROM items WHERE kind = 'index') AND (layer != ? OR made < ?)",
        emptyLayer,
        before,
      );
      this.#run("DELETE FROM exports WHERE digest NOT IN (SELECT id FROM items WHERE kind = 'blob')");
      this.#run(
        "DELETE FROM facts WHERE kind = 'blocks' AND key NOT IN (SELECT id FROM items WHERE kind = 'blob')",
      );
      this.#run(
        "DELETE FROM facts WHERE kind IN ('made-by', 'folder-of', 'layer-of', 'layer', 'step', 'place', 'sight', 'spot', 'needs', 'blob-at', 'pushing') AND made < ?",
        before,
      );
      this.#run(
        `DELETE FROM facts WHERE kind IN ('seen', 'seen-by')
          AND substr(key, 1, instr(key || '/', '/') - 1) NOT IN (SELECT id FROM items WHERE kind = 'mount')`,
      );
      this.#run('DELETE FROM folders WHERE made < ?', before);
    });
  }

  flush(): void {
    if (this.#newHashes.size === 0) return;
    this.exclusively(() => {
      for (const [folder, hashes] of this.#newHashes)
        this.#run('INSERT OR REPLACE INTO folders VALUES (?, ?, ?)', folder, hashes, this.#now());
    });
    this.#newHashes.clear();
  }

  /** Does `work` while no other process writes; all of it counts, or none. It has to be quick. */
  exclusively<T>(work: () => T): T {
    this.#guard(() => this.#db.exec('BEGIN IMMEDIATE'));
    try {
      const result = work();
      this.#guard(() => this.#db.exec('COMMIT'));
      return result;
    } catch (error) {
      // on a full disk SQLite has rolled back already
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** What waits to be written is lost where it cannot be: file hashes only spare reading. */
  close(): void {
    this.#flushQuietly();
    this.#db.close();
  }

  /**
   * `close` for a process that exits next. Closing the last connection waits several times for the disk, to take the log away; an exit
   * leaves it, and the next process goes on with it. It has to read all of it, so a log that has grown is not left. Without the exit
   * the connection ends when it is garbage.
   */
  leave(): void {
    this.#flushQuietly();
    const log = statSync(`${this.#path}-wal`, { throwIfNoEntry: false });
    if (log === undefined || log.size > longestLog) this.#db.close();
  }

  #flushQuietly(): void {
    try {
      this.flush();
    } catch {
      // the reason is told by whoever has to write
    }
  }
}
