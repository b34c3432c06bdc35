import type { SqliteDatabase } from "./sqlite-database.ts";

/**
 * Natural group commit: whatever was asked for in one turn of the event loop shares one transaction and one
 * sync of the disk. A busy process therefore writes large batches, an idle one waits for nothing.
 *
 * The commit runs on the event loop: a hundred steps take about 0.3 ms of it, less than handing them to
 * another thread and back.
 */
export interface FlushQueue {
  /**
   * Runs in a transaction with its neighbours and resolves when that is durable. Checks come before writes in
   * `work`: whatever it throws rejects all of the flush.
   */
  write<T>(work: () => T): Promise<T>;
  /** Resolves when everything asked for so far is durable or rejected. */
  idle(): Promise<void>;
}

interface Write {
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export function createFlushQueue(
  database: SqliteDatabase,
  hooks: {
    /** First thing in each transaction. */
    readonly begin: () => void;
    /** Last thing in each transaction. */
    readonly end: () => void;
    /** Nothing of this flush has happened: what was remembered of it is wrong. */
    readonly rolledBack: () => void;
  },
): FlushQueue {
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  let queue: Write[] = [];
  let scheduled = false;
  let idle: (() => void)[] = [];

  function flush(): void {
    scheduled = false;
    const writes = queue;
    queue = [];
    const results: unknown[] = [];
    try {
      begin.run();
      hooks.begin();
      for (const write of writes) results.push(write.work());
      hooks.end();
      commit.run();
    } catch (error) {
      rollBack();
      hooks.rolledBack();
      for (const write of writes) write.reject(error);
      finish();
      return;
    }
    for (let index = 0; index < writes.length; index += 1) writes[index]?.resolve(results[index]);
    finish();
  }

  function rollBack(): void {
    try {
      database.exec("ROLLBACK");
    } catch {
      // Some errors, such as a full disk, have ended the transaction already.
    }
  }

  function finish(): void {
    if (queue.length > 0 || scheduled) return;
    const waiting = idle;
    idle = [];
    for (const resolve of waiting) resolve();
  }

  return {
    write<T>(work: () => T) {
      return new Promise<T>((resolve, reject) => {
        queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
        if (scheduled) return;
        scheduled = true;
        setImmediate(flush);
      });
    },
    idle() {
      if (!scheduled) return Promise.resolve();
      return new Promise((resolve) => idle.push(resolve));
    },
  };
}
