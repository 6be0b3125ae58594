import { statSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { fault } from '@onebuild/core';
import { databaseFault } from './database-fault.ts';

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

/** What a file of tables looks like; a file with a lower version is made anew by `schema`, which leaves tables that are there. */
export interface SqliteSchema {
  readonly version: number;
  readonly schema: string;
}

/** A SQLite file (WAL) that many processes read and write at once; a crash loses at most the last writes. */
export class SqliteFile {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @throws STORE_VERSION, STORE_CORRUPT, DISK_FULL, FILE_ACCESS; all methods throw the latter three, too */
  constructor(path: string, schema: SqliteSchema) {
    this.#path = path;
    this.#db = this.#guard(() => new DatabaseSync(path, { timeout: busyMs }));
    try {
      this.#guard(() => this.#setUp(schema));
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  #setUp({ version, schema }: SqliteSchema): void {
    whileBusy(() => this.#db.exec('PRAGMA journal_mode=WAL'));
    this.#db.exec('PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;');
    const { user_version: found } = this.#db.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    if (found > version) {
      throw fault('STORE_VERSION', `${this.#path} has version ${found}, this program knows ${version}`);
    }
    if (found < version) {
      this.#db.exec(`BEGIN IMMEDIATE; ${schema} PRAGMA user_version=${version}; COMMIT;`);
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
  run(sql: string, ...values: readonly SQLInputValue[]): number {
    return this.#guard(() => Number(this.#prepare(sql).run(...values).changes));
  }

  get(sql: string, ...values: readonly SQLInputValue[]): unknown {
    return this.#guard(() => this.#prepare(sql).get(...values));
  }

  all(sql: string, ...values: readonly SQLInputValue[]): unknown {
    return this.#guard(() => this.#prepare(sql).all(...values));
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

  close(): void {
    this.#db.close();
  }

  /**
   * `close` for a process that exits next. Closing the last connection waits several times for the disk, to take the log away; an exit
   * leaves it, and the next process goes on with it. It has to read all of it, so a log that has grown is not left. Without the exit
   * the connection ends when it is garbage.
   */
  leave(): void {
    const log = statSync(`${this.#path}-wal`, { throwIfNoEntry: false });
    if (log === undefined || log.size > longestLog) this.#db.close();
  }
}
