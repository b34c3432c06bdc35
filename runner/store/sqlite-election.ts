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
      flush.write(() => extend.run([now() + ttlMs, office, owner, now()]).changes > 0),
    resign: ({ office, owner }) =>
      flush.write(() => extend.run([0, office, owner, now()]).changes > 0),
    async holder(office) {
      const held = current.get([office, now()]);
      return held === undefined ? null : { owner: held.owner, fence: held.fence };
    },
  };
}
