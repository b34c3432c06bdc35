import type { RunHead } from "../ports/store.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import type { FlushQueue } from "./sqlite-flush.ts";
import type { Packed } from "./payload.ts";
import type { PayloadTable } from "./sqlite-payload.ts";

/** What the parts of the SQLite store share. */
export interface SqliteContext {
  readonly database: SqliteDatabase;
  readonly payloads: PayloadTable;
  readonly flush: FlushQueue;
  /** The store's clock: milliseconds since 1970. */
  readonly now: () => number;
  readonly history: HistoryWriter;
  readonly ownership: Ownership;
  readonly leftovers: Leftovers;
  /** Runs created here that were not claimed yet: nearly always this process claims them next, and need not read them for it. */
  readonly fresh: Map<string, { readonly n: number; readonly head: RunHead }>;
}

/**
 * Whether any run has rows beside its history that go with its end. Null: not looked yet in this flush. Whoever writes such a
 * row sets it to true.
 */
export interface Leftovers {
  exist: boolean | null;
}

/** Collects the new rows of the history, to be written together at the end of the flush. */
export interface HistoryWriter {
  add(row: HistoryRow): void;
}

export interface HistoryRow {
  readonly run: number;
  readonly lastSeq: number;
  readonly cost: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly events: Packed;
}

/** A run of which this store knows, without asking the database, who owns it and how far it is. */
export interface Owned {
  readonly n: number;
  readonly session: string;
  readonly epoch: number;
  seq: number;
  status: string;
  wakeAtMs: number | null;
  waitsFor: string | null;
}

export interface Ownership {
  /** Undefined when the database has to be asked. Only within a flush. */
  get(run: string): Owned | undefined;
  set(run: string, owned: Owned): void;
  forget(run: string): void;
  /** Whether the session's lease has not run out. Only within a flush. */
  isAlive(session: string): boolean;
  /** The session was renewed, or ended, in this flush. */
  lives(session: string, untilMs: number): void;
}
