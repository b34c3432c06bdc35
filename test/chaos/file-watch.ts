import { openSqliteDatabase } from "../../runner/store/sqlite-database.ts";
import { openSqliteStore } from "../../runner/store/sqlite-store.ts";
import type { WatchedWrite } from "./write-watch.ts";

const now = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";
const leaseOf = (owner: string): string => `(SELECT until FROM session WHERE id = ${owner})`;

/**
 * Triggers by which a file writes down who moved on a run. A step whose run is let go in the same transaction comes after that, so whoever
 * had it until then still counts, as long as nobody has claimed it. The first event makes the run, and nobody owns that.
 */
const triggers = `
  CREATE TABLE watched_write (
    n INTEGER PRIMARY KEY, run TEXT NOT NULL, at INTEGER NOT NULL, from_epoch INTEGER NOT NULL, to_epoch INTEGER NOT NULL,
    from_seq INTEGER NOT NULL, to_seq INTEGER NOT NULL, owner TEXT, until INTEGER);
  CREATE TABLE watched_release (run INTEGER PRIMARY KEY, owner TEXT NOT NULL);

  CREATE TRIGGER watch_release AFTER UPDATE OF owner ON run WHEN OLD.owner IS NOT NULL AND NEW.owner IS NULL
  BEGIN
    INSERT OR REPLACE INTO watched_release (run, owner) VALUES (NEW.n, OLD.owner);
  END;

  CREATE TRIGGER watch_claim AFTER UPDATE OF epoch ON run WHEN OLD.epoch <> NEW.epoch
  BEGIN
    DELETE FROM watched_release WHERE run = NEW.n;
    INSERT INTO watched_write (run, at, from_epoch, to_epoch, from_seq, to_seq, owner, until)
    VALUES (NEW.id, ${now}, OLD.epoch, NEW.epoch, 0, 0, OLD.owner, ${leaseOf("OLD.owner")});
  END;

  CREATE TRIGGER watch_step AFTER INSERT ON batch WHEN EXISTS (SELECT 1 FROM batch WHERE run = NEW.run AND last_seq < NEW.last_seq)
  BEGIN
    INSERT INTO watched_write (run, at, from_epoch, to_epoch, from_seq, to_seq, owner, until)
    SELECT id, ${now}, epoch, epoch, (SELECT max(last_seq) FROM batch WHERE run = NEW.run AND last_seq < NEW.last_seq), NEW.last_seq,
      holder, ${leaseOf("holder")}
    FROM (SELECT id, epoch, coalesce(owner, (SELECT owner FROM watched_release WHERE run = NEW.run)) AS holder FROM run WHERE n = NEW.run);
  END;
`;

/** Makes the file of a store, if there is none, and watches it from now on. */
export async function watchFile(path: string): Promise<void> {
  await openSqliteStore({ path, now: Date.now }).close();
  const database = openSqliteDatabase(path);
  database.exec(triggers);
  database.close();
}

/** In the order in which they were made. */
export function readWritesOfFile(path: string): readonly WatchedWrite[] {
  const database = openSqliteDatabase(path);
  const rows = database
    .prepare<Omit<WatchedWrite, "alone">>(
      `SELECT run, at AS atMs, from_epoch AS fromEpoch, to_epoch AS toEpoch, from_seq AS fromSeq, to_seq AS toSeq, owner, until AS untilMs
       FROM watched_write ORDER BY n`,
    )
    .all();
  const writes = rows.map((row) => ({ ...row, alone: true }));
  database.close();
  return writes;
}
