import type { Election } from "../../ports/election.ts";
import type { PostgresContext } from "./postgres-context.ts";

interface Term {
  readonly owner: string;
  readonly fence: number;
  readonly left_ms: number;
}

const renew = `
UPDATE @office SET until = @clock + $3 WHERE name = $1 AND owner = $2 AND until > @clock
RETURNING (SELECT md5(concat_ws('/',
  (SELECT n FROM @log_end),
  (SELECT string_agg(concat_ws(' ', id, plan, paused, since), '/' ORDER BY id) FROM @schedule),
  (SELECT string_agg(concat_ws(' ', program, plan, at), '/' ORDER BY program) FROM @deployment)))) AS news`;

/** Offices of all processes on the database. The row of an office stays, so that its fence never falls. */
export function createElection({ database }: PostgresContext): Election {
  const extend = (office: string, owner: string, until: string): Promise<boolean> =>
    database.transaction(async (tx) => {
      const { count } = await tx.query(
        `UPDATE @office SET until = ${until} WHERE name = $1 AND owner = $2 AND until > @clock`,
        [office, owner],
      );
      return count > 0;
    });
  return {
    acquire: ({ office, owner, ttlMs }) =>
      database.transaction(async (tx) => {
        await tx.query(
          "INSERT INTO @office (name, owner, fence, until) VALUES ($1, '', 0, 0) ON CONFLICT DO NOTHING",
          [office],
        );
        const { rows } = await tx.query<Term>(
          "SELECT owner, fence, until - @clock AS left_ms FROM @office WHERE name = $1 FOR UPDATE",
          [office],
        );
        const {
          owner: holder,
          fence,
          left_ms: leftMs,
        } = rows[0] ?? { owner: "", fence: 0, left_ms: 0 };
        if (leftMs > 0 && holder !== owner) return { elected: false, afterMs: leftMs };
        const next = leftMs > 0 ? fence : fence + 1;
        await tx.query(
          "UPDATE @office SET owner = $2, fence = $3, until = @clock + $4 WHERE name = $1",
          [office, owner, next, ttlMs],
        );
        return { elected: true, fence: next };
      }),
    async renew({ office, owner, ttlMs }) {
      // To say once more what is so already does no harm, so it needs no transaction that is known to have happened.
      const { rows } = await database.query<{ news: string }>(renew, [office, owner, ttlMs]);
      return rows[0] ?? null;
    },
    resign: ({ office, owner }) => extend(office, owner, "0"),
    async holder(office) {
      const { rows } = await database.query<Term>(
        "SELECT owner, fence FROM @office WHERE name = $1 AND until > @clock",
        [office],
      );
      return rows[0] === undefined ? null : { owner: rows[0].owner, fence: rows[0].fence };
    },
  };
}
