import type { Election } from "../ports/election.ts";
import type { SqliteContext } from "./sqlite-context.ts";

interface Term {
  readonly owner: string;
  readonly fence: number;
  readonly until: number;
}

/** Offices that all processes on the file share. The row of an office stays, so that its fence never falls. */
export function createElection({ database, flush, now }: SqliteContext): Election {
  const current = database.prepare<Term>(
    "SELECT owner, fence, until FROM office WHERE name = ? AND until > ?",
  );
  const take = database.prepare(
    `INSERT INTO office (name, owner, fence, until) VALUES (?, ?, 1, ?)
     ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, fence = fence + 1, until = excluded.until`,
  );
  const extend = database.prepare(
    "UPDATE office SET until = ? WHERE name = ? AND owner = ? AND until > ?",
  );

  const news = database.prepare<{ news: string }>(
    `SELECT json_array(
       (SELECT max(n) FROM event_log),
       (SELECT group_concat(id || plan || paused || since, ' ') FROM schedule),
       (SELECT group_concat(program || plan || at, ' ') FROM deployment)) AS news`,
  );

  return {
    acquire: ({ office, owner, ttlMs }) =>
      flush.write(() => {
        const held = current.get([office, now()]);
        if (held !== undefined && held.owner !== owner)
          return { elected: false, afterMs: held.until - now() };
        if (held === undefined) take.run([office, owner, now() + ttlMs]);
        else extend.run([now() + ttlMs, office, owner, now()]);
        return { elected: true, fence: current.get([office, now()])?.fence ?? 1 };
      }),
    renew: ({ office, owner, ttlMs }) =>
      flush.write(() => {
        const held = extend.run([now() + ttlMs, office, owner, now()]).changes > 0;
        return held ? { news: news.get()?.news ?? "" } : null;
      }),
    resign: ({ office, owner }) =>
      flush.write(() => extend.run([0, office, owner, now()]).changes > 0),
    async holder(office) {
      const held = current.get([office, now()]);
      return held === undefined ? null : { owner: held.owner, fence: held.fence };
    },
  };
}
