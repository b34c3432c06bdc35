import type { Json } from "../../plan/expression.ts";
import type { ReceivedEvent } from "../../plan/history.ts";
import type { EventLog } from "../ports/event-log.ts";
import type { SqliteContext } from "./sqlite-context.ts";
import { putLetter, type LetterWriter } from "./sqlite-letters.ts";
import type { PackedEvent } from "./entry-packing.ts";
import { packLetters } from "./letter-packing.ts";
import { pack } from "./payload.ts";
import type { InsertRun } from "./sqlite-runs.ts";

/** Adds an event to the log; false when one with its id was added before. Within a flush. */
export type LogEvent = (event: PackedEvent) => boolean;

export function createLogWriter(context: SqliteContext): LogEvent {
  const { database, payloads } = context;
  const insert = database.prepare(
    "INSERT OR IGNORE INTO event_log (id, at, body) VALUES (?, ?, ?)",
  );
  return ({ event, body }) => {
    if (insert.run([event.id, context.now(), body.text]).changes === 0) return false;
    for (const payload of body.payloads) payloads.put(payload, `event/${event.id}`);
    return true;
  };
}

/** Reading the log, and what follows from it. Positions are row numbers. */
export function createEventLog(context: SqliteContext, insertRun: InsertRun): EventLog {
  const { database, flush, payloads } = context;
  const writeLetter: LetterWriter = putLetter(context);
  const cursor = database.prepare<{ n: number }>("SELECT n FROM log_cursor WHERE consumer = ?");
  const all = database.prepare<{ consumer: string }>("SELECT consumer FROM log_cursor");
  const last = database.prepare<{ n: number | null }>(
    "SELECT seq AS n FROM sqlite_sequence WHERE name = 'event_log'",
  );
  const begin = database.prepare("INSERT INTO log_cursor (consumer, n) VALUES (?, ?)");
  const end = database.prepare("DELETE FROM log_cursor WHERE consumer = ?");
  const move = database.prepare("UPDATE log_cursor SET n = ? WHERE consumer = ? AND n = ?");
  const read = database.prepare<{ n: number; at: number; body: string }>(
    "SELECT n, at, body FROM event_log WHERE n > ? AND body IS NOT NULL ORDER BY n LIMIT ?",
  );
  const old =
    "SELECT n, id FROM event_log WHERE at < ?1 AND n <= coalesce((SELECT min(n) FROM log_cursor), 9e15) ORDER BY n LIMIT ?2";
  const unuse = database.prepare(
    `DELETE FROM payload_use WHERE user IN (SELECT 'event/' || id FROM (${old}))`,
  );
  const trim = database.prepare(`DELETE FROM event_log WHERE n IN (SELECT n FROM (${old}))`);

  return {
    subscribe: (consumer) =>
      flush.write(() => {
        const known = cursor.get([consumer])?.n;
        const n = known ?? last.get()?.n ?? 0;
        if (known === undefined) begin.run([consumer, n]);
        return String(n);
      }),
    consumers: async () => all.all().map(({ consumer }) => consumer),
    rename: (consumer, name) =>
      flush.write(() => {
        const n = cursor.get([consumer])?.n;
        if (n === undefined) return false;
        end.run([consumer]);
        const known = cursor.get([name])?.n;
        if (known === undefined) begin.run([name, n]);
        else move.run([Math.min(known, n), name, known]);
        return true;
      }),
    unsubscribe: (consumer) => flush.write(() => end.run([consumer]).changes > 0),
    async read(after, limit) {
      const rows = read.all([Number(after), limit]);
      const events = await payloads.unpackAll(rows.map(({ body }) => body));
      return rows.map(({ n, at }, index) => ({
        position: String(n),
        atMs: at,
        event: events[index] as unknown as ReceivedEvent,
      }));
    },
    async consume({ consumer, from, to, starts, deadLetters }) {
      const packed = await Promise.all(
        starts.map(async (run) => ({ run, events: await pack(run.events as unknown as Json) })),
      );
      const letters = await packLetters(deadLetters);
      return flush.write(() => {
        if (move.run([Number(to), consumer, Number(from)]).changes === 0) return null;
        for (const letter of letters) writeLetter(letter, null);
        return packed.map(({ run, events }) => insertRun(run, events));
      });
    },
    trim: ({ beforeMs, limit }) =>
      flush.write(() => {
        unuse.run([beforeMs, limit]);
        return trim.run([beforeMs, limit]).changes;
      }),
  };
}
