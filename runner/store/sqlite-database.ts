import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

import Database from "libsql";

import { assert } from "../../base/assert.ts";
import { StoreError } from "../ports/store-error.ts";
import { applicationId, migrations } from "./sqlite-schema.ts";

export type Column = null | number | string | Uint8Array;

/** A prepared statement. Parameters are given as one list, because the driver copies them otherwise. */
export interface Statement<Row> {
  run(parameters?: readonly Column[]): { readonly changes: number };
  get(parameters?: readonly Column[]): Row | undefined;
  all(parameters?: readonly Column[]): readonly Row[];
}

export interface SqliteDatabase {
  prepare<Row = never>(sql: string): Statement<Row>;
  exec(sql: string): void;
  close(): void;
}

/** How long a statement waits for a lock, in milliseconds. It blocks the event loop, so it is short; who can wait longer tries again. */
export const lockWaitMs = 100;

/**
 * Opens or creates a store file and brings it to this program's version.
 *
 * @throws StoreError
 */
export function openSqliteDatabase(
  path: string,
  limits: { readonly maxPages?: number; readonly openWaitMs?: number } = {},
): SqliteDatabase {
  const place = path === ":memory:" ? "the store in memory" : `the store ${path}`;
  let raw: Database.Database | undefined;
  try {
    if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
    raw = new Database(path);
    const database = wrap(raw, place);
    database.exec(`PRAGMA busy_timeout = ${limits.openWaitMs ?? 5_000}`);
    if (limits.maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${limits.maxPages}`);
    prepareFile(database, { place, inMemory: path === ":memory:" });
    database.exec(`PRAGMA busy_timeout = ${lockWaitMs}`);
    return database;
  } catch (error) {
    raw?.close();
    throw storeError(error, place);
  }
}

function prepareFile(
  database: SqliteDatabase,
  { place, inMemory }: { readonly place: string; readonly inMemory: boolean },
): void {
  const owner = pragma(database, "application_id");
  const version = pragma(database, "user_version");
  if (owner !== applicationId && (owner !== 0 || version !== 0 || !isEmpty(database))) {
    throw new StoreError(
      "foreign",
      `${place} is a database of another program; choose another file`,
    );
  }
  if (version > migrations.length) {
    throw new StoreError(
      "newer",
      `${place} was written by a newer version of agentflow (store version ${version}, this one knows ${migrations.length}); upgrade agentflow, or choose another file`,
    );
  }
  // Both are asked back, because drivers have been seen to accept them and do something else.
  const journal = database
    .prepare<{ journal_mode: string }>("PRAGMA journal_mode = WAL")
    .get()?.journal_mode;
  assert(inMemory || journal === "wal", `the journal mode is ${journal}, not WAL`);
  database.exec(
    "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA wal_autocheckpoint = 1000",
  );
  assert(pragma(database, "synchronous") === 2, "the driver does not sync every commit");
  migrate(database, version);
}

function migrate(database: SqliteDatabase, from: number): void {
  if (from === migrations.length) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have done it while this one waited for the lock.
    const version = pragma(database, "user_version");
    for (const migration of migrations.slice(version)) database.exec(migration);
    database.exec(
      `PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migrations.length}`,
    );
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

function pragma(database: SqliteDatabase, name: string): number {
  const row = database.prepare<Record<string, number>>(`PRAGMA ${name}`).get();
  return row?.[name] ?? 0;
}

function isEmpty(database: SqliteDatabase): boolean {
  return database.prepare("SELECT 1 FROM sqlite_master LIMIT 1").get() === undefined;
}

function wrap(raw: Database.Database, place: string): SqliteDatabase {
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw storeError(error, place);
    }
  };
  return {
    prepare<Row>(sql: string): Statement<Row> {
      const statement = guard(() => raw.prepare(sql));
      return {
        run: (parameters = []) => guard(() => statement.run(parameters)),
        get: (parameters = []) => guard(() => statement.get(parameters) as Row | undefined),
        all: (parameters = []) => guard(() => statement.all(parameters) as readonly Row[]),
      };
    },
    exec: (sql) => guard(() => raw.exec(sql)),
    close() {
      try {
        // The driver leaves its statements open, and SQLite then keeps the log; so the log is folded into the file here.
        raw.exec("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)");
      } catch {
        // Another process is using the file; it keeps the log in order.
      }
      raw.close();
    },
  };
}

/** What the driver throws, in words that say what to do; anything that is no database error comes back as it is. */
function storeError(error: unknown, place: string): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const say = (kind: StoreError["kind"], text: string): StoreError =>
    new StoreError(kind, `${place} ${text}`, { cause: error });
  if (/BUSY|LOCKED/.test(code))
    return say("busy", "is locked by another program; close what has it open, then try again");
  if (/FULL/.test(code)) return say("full", "can't grow: the disk is full; make room, then resume");
  if (/CORRUPT|NOTADB/.test(code) || /malformed|not a database/.test(error.message)) {
    return say(
      "damaged",
      "is damaged; restore it from a backup, or move it away to start with an empty one",
    );
  }
  if (/CANTOPEN|READONLY|PERM|IOERR|AUTH/.test(code) || /^E[A-Z]+$/.test(code)) {
    return say(
      "unreachable",
      `can't be opened or written (${error.message}); check the path and its permissions`,
    );
  }
  return error;
}
