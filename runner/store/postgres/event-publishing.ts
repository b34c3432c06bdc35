import { topicMatches } from "../../ports/topic.ts";
import type { PackedEvent } from "../entry-packing.ts";
import type { PayloadUse } from "./payloads.ts";
import type { PostgresContext } from "./postgres-context.ts";
import type { Tx } from "./postgres-database.ts";

interface Waiting {
  readonly id: string;
  readonly n: number;
  readonly path: string;
  readonly topic: string;
}

/** Adds events to the log, each id once, and to the inboxes of the runs that wait for their topics. Gives these runs by the ids of events. */
export async function publishEvents(
  { payloads }: Pick<PostgresContext, "payloads">,
  tx: Tx,
  events: readonly PackedEvent[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const reached = new Map<string, readonly string[]>();
  const unique = [...new Map(events.map((event) => [event.event.id, event])).values()];
  if (unique.length === 0) return reached;
  // Whoever comes next waits here until our events are visible, so that numbers become visible in their order.
  await tx.query("SELECT n FROM @log_end FOR UPDATE");
  const { rows: fresh } = await tx.query<{ id: string; now: number }>(
    `WITH fresh AS (
       SELECT t.id, t.body, row_number() OVER (ORDER BY t.i) AS place FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (id, body, i)
       WHERE NOT EXISTS (SELECT 1 FROM @event_log known WHERE known.id = t.id)
     ), moved AS (
       UPDATE @log_end SET n = n + (SELECT count(*) FROM fresh)
     )
     INSERT INTO @event_log (n, id, at, body)
     SELECT (SELECT n FROM @log_end) + place, id, @clock, body FROM fresh RETURNING id, at AS now`,
    [unique.map(({ event }) => event.id), unique.map(({ body }) => body.text)],
  );
  const ids = new Map(fresh.map(({ id, now }) => [id, now]));
  const published = unique.filter(({ event }) => ids.has(event.id));
  if (published.length === 0) return reached;
  const uses: PayloadUse[] = published.flatMap(({ event, body }) =>
    body.payloads.map((payload) => ({ payload, usedBy: `event/${event.id}` })),
  );
  const { rows: waiting } = await tx.query<Waiting>(
    `SELECT run.id, run.n, found.path, found.topic FROM (
       SELECT run, path, topic FROM @awaited WHERE topic = ANY ($1)
       UNION ALL SELECT run, path, topic FROM @awaited WHERE strpos(topic, '*') > 0 AND topic <> ALL ($1)) AS found
     JOIN @run run ON run.n = found.run ORDER BY run.n, found.path`,
    [published.map(({ event }) => event.topic)],
  );
  const mail = published.flatMap(({ event, body: { text, payloads: parts } }) => {
    const own = waiting.filter(({ topic }) => topicMatches(topic, event.topic));
    reached.set(event.id, [...new Set(own.map(({ id }) => id))]);
    return own.map(({ id: run, n, path }) => {
      for (const payload of parts) uses.push({ payload, usedBy: `run/${n}` });
      const item = {
        id: `${event.id}/${run}/${path}`,
        run,
        atMs: ids.get(event.id),
        kind: "event",
        path,
      };
      return {
        n,
        id: item.id,
        body: `${JSON.stringify(item).slice(0, -1)},"event":${text}}`,
      };
    });
  });
  await payloads.put(tx, uses);
  if (mail.length === 0) return reached;
  await tx.query(
    "INSERT INTO @inbox (id, run, kind, body) SELECT id, run, 'event', body FROM unnest($1::text[], $2::bigint[], $3::text[]) WITH ORDINALITY AS t (id, run, body, i) ORDER BY i ON CONFLICT DO NOTHING",
    [mail.map(({ id }) => id), mail.map(({ n }) => n), mail.map(({ body }) => body)],
  );
  return reached;
}
