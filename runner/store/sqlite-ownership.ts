import type { Owned, Ownership } from "./sqlite-context.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/**
 * Remembers the runs that sessions of this process have claimed. Another process can only take a run by
 * recording the theft in the same transaction, so one look at the session's row per flush tells whether all
 * of it still holds, and a step needs no query of its own.
 */
export interface SessionGuard extends Ownership {
  /** First thing in each transaction. */
  check(): void;
  forgetAll(): void;
}

export function createSessionGuard(database: SqliteDatabase, now: () => number): SessionGuard {
  const owned = new Map<string, Owned>();
  const thefts = new Map<string, number>();
  /** Until when sessions live, as far as it was looked up in this flush. */
  const ends = new Map<string, number>();
  const select = database.prepare<{ thefts: number; until: number }>(
    "SELECT thefts, until FROM session WHERE id = ?",
  );

  return {
    get: (run) => owned.get(run),
    set(run, entry) {
      owned.set(run, entry);
      if (!thefts.has(entry.session))
        thefts.set(entry.session, select.get([entry.session])?.thefts ?? 0);
    },
    forget: (run) => void owned.delete(run),
    forgetAll() {
      owned.clear();
      thefts.clear();
    },
    isAlive(session) {
      const until = ends.get(session) ?? select.get([session])?.until ?? 0;
      ends.set(session, until);
      return until > now();
    },
    lives: (session, untilMs) => void ends.set(session, untilMs),
    check() {
      ends.clear();
      for (const [session, known] of thefts) {
        const row = select.get([session]);
        ends.set(session, row?.until ?? 0);
        // A session that is gone says nothing of what was stolen from it.
        if (row?.thefts === known) continue;
        // Thefts are rare: forget the session's runs, and let the database answer for each from now on.
        thefts.delete(session);
        for (const [run, entry] of owned) if (entry.session === session) owned.delete(run);
      }
    },
  };
}
