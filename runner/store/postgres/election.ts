import type { Election } from "../../ports/election.ts";
import type { PostgresContext } from "./postgres-context.ts";

interface Term {
  readonly owner: string;
  readonly fence: number;
  readonly left_ms: number;
}

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
    renew: ({ office, owner, ttlMs }) => extend(office, owner, `@clock + ${Number(ttlMs)}`),
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
