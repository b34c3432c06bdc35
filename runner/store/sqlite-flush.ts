import { StoreError } from "../ports/store-error.ts";
import { lockWaitMs, type SqliteDatabase, type Statement } from "./sqlite-database.ts";

interface Write {
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface FlushHooks {
  /** First thing in each transaction. */
  readonly begin: () => void;
  /** Last thing in each transaction. */
  readonly end: () => void;
  /** Nothing of this flush has happened: what was remembered of it is wrong. */
  readonly rolledBack: () => void;
  /** So many writes are durable now. */
  readonly flushed: (writes: number) => void;
  /** How long a flush waits for another process's. */
  readonly busyTimeoutMs: number;
}

/** Writes that share a transaction: a few milliseconds of work, after which others have their turn. */
const maxWrites = 256;
/** How long the event loop is free between two tries while another process holds the lock. */
const retryEveryMs = 25;

/**
 * Natural group commit: whatever was asked for in one turn of the event loop shares one transaction and one
 * sync of the disk. A busy process therefore writes large batches, an idle one waits for nothing.
 *
 * The commit runs on the event loop: a hundred steps take about 0.3 ms of it, less than handing them to
 * another thread and back.
 */
export class FlushQueue {
  private readonly database: SqliteDatabase;
  private readonly hooks: FlushHooks;
  private readonly sql: { readonly begin: Statement<never>; readonly commit: Statement<never> };
  private queue: Write[] = [];
  private scheduled = false;
  private waiting: (() => void)[] = [];
  private busyTries = 0;

  constructor(database: SqliteDatabase, hooks: FlushHooks) {
    this.database = database;
    this.hooks = hooks;
    this.sql = { begin: database.prepare("BEGIN IMMEDIATE"), commit: database.prepare("COMMIT") };
  }

  /**
   * Runs in a transaction with its neighbours and resolves when that is durable. Checks come before writes in
   * `work`: whatever it throws rejects all of the flush.
   */
  write<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
      if (this.scheduled) return;
      this.scheduled = true;
      setImmediate(() => this.flush());
    });
  }

  /** Resolves when everything asked for so far is durable or rejected. */
  idle(): Promise<void> {
    if (!this.scheduled) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private flush(): void {
    this.scheduled = false;
    const writes = this.queue.splice(0, maxWrites);
    try {
      const results = this.transact(writes);
      this.busyTries = 0;
      this.hooks.flushed(writes.length);
      for (let index = 0; index < writes.length; index += 1) writes[index]?.resolve(results[index]);
    } catch (error) {
      this.rollBack();
      if (this.triesAgain(error, writes)) return;
      this.busyTries = 0;
      // One that the database refuses must not take its neighbours down.
      if (writes.length > 1 && !(error instanceof StoreError)) this.flushEach(writes);
      else for (const write of writes) write.reject(error);
    }
    if (this.queue.length > 0 && !this.scheduled) {
      this.scheduled = true;
      setImmediate(() => this.flush());
    }
    if (this.scheduled) return;
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }

  private flushEach(writes: readonly Write[]): void {
    for (const [at, write] of writes.entries()) {
      try {
        const [result] = this.transact([write]);
        this.hooks.flushed(1);
        write.resolve(result);
      } catch (error) {
        this.rollBack();
        if (this.triesAgain(error, writes.slice(at))) return;
        write.reject(error);
      }
    }
  }

  private transact(writes: readonly Write[]): readonly unknown[] {
    const results: unknown[] = [];
    this.sql.begin.run();
    this.hooks.begin();
    for (const write of writes) results.push(write.work());
    this.hooks.end();
    this.sql.commit.run();
    return results;
  }

  private rollBack(): void {
    try {
      this.database.exec("ROLLBACK");
    } catch {
      // Some errors, such as a full disk, have ended the transaction already.
    }
    this.hooks.rolledBack();
  }

  private triesAgain(error: unknown, writes: readonly Write[]): boolean {
    const isBusy = error instanceof StoreError && error.kind === "busy";
    const waitedMs = this.busyTries * (retryEveryMs + lockWaitMs);
    if (!isBusy || waitedMs >= this.hooks.busyTimeoutMs) return false;
    this.busyTries += 1;
    this.queue = [...writes, ...this.queue];
    this.scheduled = true;
    setTimeout(() => this.flush(), retryEveryMs);
    return true;
  }
}
