import type { Json } from "../../../plan/expression.ts";
import type { ReceivedEvent } from "../../../plan/history.ts";
import type { EventLog } from "../../ports/event-log.ts";
import { packLetters } from "../letter-packing.ts";
import { pack } from "../payload.ts";
import { keepLetters, usesOfLetter } from "./letters.ts";
import { insertRuns } from "./new-runs.ts";
import type { PostgresContext } from "./postgres-context.ts";

/** Reading the log, and what follows from it. Positions are the numbers of events. */
export function createEventLog(context: PostgresContext): EventLog {
  const { database, payloads } = context;
  return {
    ...createPlaces(context),
    async read(after, limit) {
      const { rows } = await database.query<{ n: number; at: number; body: string }>(
        "SELECT n, at, body FROM @event_log WHERE n > $1 ORDER BY n LIMIT $2",
        [Number(after), limit],
      );
      const events = await payloads.unpack(rows.map(({ body }) => body));
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
      return database.transaction(async (tx) => {
        const { count } = await tx.query(
          "UPDATE @log_cursor SET n = $3 WHERE consumer = $1 AND n = $2",
          [consumer, Number(from), Number(to)],
        );
        if (count === 0) return null;
        await payloads.put(
          tx,
          letters.flatMap((letter) => usesOfLetter(letter, null)),
        );
        await keepLetters(tx, letters);
        return insertRuns(context, tx, packed);
      });
    },
    trim: ({ beforeMs, limit }) =>
      database.transaction(async (tx) => {
        const { rows } = await tx.query<{ id: string }>(
          `DELETE FROM @event_log WHERE n IN (
             SELECT n FROM @event_log WHERE at < $1 AND n <= coalesce((SELECT min(n) FROM @log_cursor), 9e15) ORDER BY n LIMIT $2)
           RETURNING id`,
          [beforeMs, limit],
        );
        if (rows.length > 0)
          await tx.query("DELETE FROM @payload_use WHERE used_by = ANY ($1)", [
            rows.map(({ id }) => `event/${id}`),
          ]);
        return rows.length;
      }),
  };
}

/** How far each consumer has read. */
function createPlaces({
  database,
}: PostgresContext): Pick<EventLog, "subscribe" | "consumers" | "rename" | "unsubscribe"> {
  return {
    subscribe: (consumer) =>
      database.transaction(async (tx) => {
        await tx.query(
          "INSERT INTO @log_cursor (consumer, n) SELECT $1, n FROM @log_end ON CONFLICT DO NOTHING",
          [consumer],
        );
        const { rows } = await tx.query<{ n: number }>(
          "SELECT n FROM @log_cursor WHERE consumer = $1",
          [consumer],
        );
        return String(rows[0]?.n ?? 0);
      }),
    async consumers() {
      const { rows } = await database.query<{ consumer: string }>(
        "SELECT consumer FROM @log_cursor",
      );
      return rows.map(({ consumer }) => consumer);
    },
    rename: (consumer, name) =>
      database.transaction(
        async (tx) =>
          (
            await tx.query(
              `WITH former AS (DELETE FROM @log_cursor WHERE consumer = $1 RETURNING n)
               INSERT INTO @log_cursor AS known (consumer, n) SELECT $2, n FROM former
               ON CONFLICT (consumer) DO UPDATE SET n = least(known.n, excluded.n)`,
              [consumer, name],
            )
          ).count > 0,
      ),
    unsubscribe: (consumer) =>
      database.transaction(
        async (tx) =>
          (await tx.query("DELETE FROM @log_cursor WHERE consumer = $1", [consumer])).count > 0,
      ),
  };
}
