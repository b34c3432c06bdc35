import type { Json } from "../../plan/expression.ts";
import type { ReceivedEvent } from "../../plan/history.ts";
import type { EventLog } from "../ports/event-log.ts";
import type { SqliteContext } from "./sqlite-context.ts";
import { putLetter, type LetterWriter } from "./sqlite-letters.ts";
import { pack } from "./payload.ts";
import type { InsertRun } from "./sqlite-runs.ts";

/** Adds an event to the log; false when one with its id was added before. Within a flush. */
export type LogEvent = (event: ReceivedEvent, text: string) => boolean;

export function createLogWriter(context: SqliteContext): LogEvent {
  const { database } = context;
  const insert = database.prepare(
    "INSERT OR IGNORE INTO event_log (id, at, body) VALUES (?, ?, ?)",
  );
  return (event, text) => insert.run([event.id, context.now(), text]).changes > 0;
}

/** Reading the log, and what follows from it. Positions are row numbers. */
export function createEventLog(context: SqliteContext, insertRun: InsertRun): EventLog {
  const { database, flush } = context;
  const writeLetter: LetterWriter = putLetter(database);
  const cursor = database.prepare<{ n: number }>("SELECT n FROM log_cursor WHERE consumer = ?");
  const last = database.prepare<{ n: number | null }>(
    "SELECT seq AS n FROM sqlite_sequence WHERE name = 'event_log'",
  );
  const begin = database.prepare("INSERT INTO log_cursor (consumer, n) VALUES (?, ?)");
  const end = database.prepare("DELETE FROM log_cursor WHERE consumer = ?");
  const move = database.prepare("UPDATE log_cursor SET n = ? WHERE consumer = ? AND n = ?");
  const read = database.prepare<{ n: number; at: number; body: string }>(
    "SELECT n, at, body FROM event_log WHERE n > ? AND body IS NOT NULL ORDER BY n LIMIT ?",
  );
  const trim = database.prepare(
    `DELETE FROM event_log WHERE n IN (
       SELECT n FROM event_log WHERE at < ?1 AND n <= coalesce((SELECT min(n) FROM log_cursor), 9e15) ORDER BY n LIMIT ?2)`,
  );

  return {
    subscribe: (consumer) =>
      flush.write(() => {
        const known = cursor.get([consumer])?.n;
        const n = known ?? last.get()?.n ?? 0;
        if (known === undefined) begin.run([consumer, n]);
        return String(n);
      }),
    unsubscribe: (consumer) => flush.write(() => end.run([consumer]).changes > 0),
    read: async (after, limit) =>
      read.all([Number(after), limit]).map(({ n, at, body }) => ({
        position: String(n),
        atMs: at,
        event: JSON.parse(body) as ReceivedEvent,
      })),
    async consume({ consumer, from, to, starts, deadLetters }) {
      const packed = await Promise.all(
        starts.map(async (run) => ({ run, events: await pack(run.events as unknown as Json) })),
      );
      return flush.write(() => {
        if (move.run([Number(to), consumer, Number(from)]).changes === 0) return null;
        for (const letter of deadLetters) writeLetter(letter);
        return packed.map(({ run, events }) => insertRun(run, events));
      });
    },
    trim: ({ beforeMs, limit }) => flush.write(() => trim.run([beforeMs, limit]).changes),
  };
}
