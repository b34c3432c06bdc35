import type { InboxItem, StoredTask, TaskPage } from "../ports/store.ts";
import { topicMatches } from "../ports/topic.ts";
import { isEnded } from "./sqlite-append.ts";
import type { SqliteContext } from "./sqlite-context.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import type { PackedEvent } from "./entry-packing.ts";
import type { LogEvent } from "./sqlite-event-log.ts";
import type { Packed } from "./payload.ts";

/** What comes to runs from outside. `deliver` and `publish` run within a flush. */
export interface Mailbox {
  deliver(item: InboxItem, body: Packed): boolean;
  inbox(run: string, limit?: number): Promise<readonly InboxItem[]>;
  runsWithMail(session: string): readonly string[];
  publish(event: PackedEvent): readonly string[];
  tasks(run?: string, page?: TaskPage): Promise<readonly StoredTask[]>;
}

function mailFinder(database: SqliteDatabase): Mailbox["runsWithMail"] {
  const withMail = database.prepare<{ id: string }>(
    "SELECT id FROM run WHERE n IN (SELECT run FROM inbox) AND owner = ?",
  );
  return (session) => withMail.all([session]).map(({ id }) => id);
}

export function createMailbox(context: SqliteContext, logEvent: LogEvent): Mailbox {
  const { database, payloads } = context;
  const find = database.prepare<{ n: number; status: string }>(
    "SELECT n, status FROM run WHERE id = ?",
  );
  const put = database.prepare("INSERT OR IGNORE INTO inbox (id, run, body) VALUES (?, ?, ?)");
  const inbox = database.prepare<{ body: string }>(
    "SELECT body FROM inbox WHERE run = (SELECT n FROM run WHERE id = ?) ORDER BY n LIMIT ?",
  );
  const waiting = database.prepare<{ id: string; run: number; path: string; topic: string }>(
    `SELECT run.id, found.run, found.path, found.topic FROM (
       SELECT * FROM awaited WHERE topic = ?1
       UNION ALL SELECT * FROM awaited WHERE instr(topic, '*') > 0 AND topic <> ?1) AS found
     JOIN run ON run.n = found.run ORDER BY found.run, found.path`,
  );
  const tasks = database.prepare<{ body: string }>(
    "SELECT body FROM task WHERE (run, path) > (coalesce((SELECT n FROM run WHERE id = ?), 0), ?) ORDER BY run, path LIMIT ?",
  );
  const tasksOf = database.prepare<{ body: string }>(
    "SELECT body FROM task WHERE run = (SELECT n FROM run WHERE id = ?) AND path > ? ORDER BY path LIMIT ?",
  );

  return {
    deliver(item, body) {
      const run = find.get([item.run]);
      if (run === undefined) return false;
      // An ended run takes nothing but a retry, and only an ended run takes that.
      if (isEnded(run.status) !== (item.kind === "retry")) return false;
      for (const payload of body.payloads) payloads.put(payload, `run/${run.n}`);
      context.leftovers.exist = true;
      put.run([item.id, run.n, body.text]);
      return true;
    },
    // A negative limit is none.
    async inbox(run, limit = -1) {
      const rows = inbox.all([run, limit]);
      const items = await payloads.unpackAll(rows.map(({ body }) => body));
      return items as unknown as readonly InboxItem[];
    },
    runsWithMail: mailFinder(database),
    publish(packed) {
      if (!logEvent(packed)) return [];
      const { event, body } = packed;
      const runs: string[] = [];
      for (const { id, run, path, topic } of waiting.all([event.topic])) {
        if (!topicMatches(topic, event.topic)) continue;
        const item = {
          id: `${event.id}/${id}/${path}`,
          run: id,
          atMs: context.now(),
          kind: "event",
          path,
        };
        for (const payload of body.payloads) payloads.put(payload, `run/${run}`);
        put.run([item.id, run, `${JSON.stringify(item).slice(0, -1)},"event":${body.text}}`]);
        context.leftovers.exist = true;
        runs.push(id);
      }
      return [...new Set(runs)];
    },
    async tasks(run, { after, limit = -1 }: Partial<TaskPage> = {}) {
      const place = [after?.path ?? "", limit];
      const rows =
        run === undefined ? tasks.all([after?.run ?? "", ...place]) : tasksOf.all([run, ...place]);
      const found = await payloads.unpackAll(rows.map(({ body }) => body));
      return found as unknown as readonly StoredTask[];
    },
  };
}
