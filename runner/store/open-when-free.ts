import type { Clock } from "../ports/clock.ts";
import { StoreError } from "../ports/store-error.ts";
import type { Store } from "../ports/store.ts";
import { lockWaitMs } from "./sqlite-database.ts";
import { openSqliteStore, type SqliteStoreOptions } from "./sqlite-store.ts";

/** How long a file that another program has locked is waited for, in milliseconds. */
const patienceMs = 5_000;

/** The event loop is free between two tries. */
const restMs = 50;

/**
 * Opens a store in a SQLite file, and waits for a while if it is locked; others can say so meanwhile.
 *
 * @throws StoreError
 */
export async function openWhenFree(options: SqliteStoreOptions, clock: Clock): Promise<Store> {
  const startedMs = clock.monotonic();
  for (;;) {
    try {
      return openSqliteStore({ ...options, openWaitMs: lockWaitMs });
    } catch (error) {
      const isBusy = error instanceof StoreError && error.kind === "busy";
      if (!isBusy || clock.monotonic() - startedMs >= patienceMs) throw error;
      await new Promise<void>((resolve) => clock.after(restMs, resolve));
    }
  }
}
