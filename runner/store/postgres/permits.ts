import { required } from "../../../base/assert.ts";
import type { PermitAnswer, PermitRequest, PermitStore } from "../../ports/permit-store.ts";
import { GroupCommit } from "./group-commit.ts";
import type { PostgresContext } from "./postgres-context.ts";
import type { Tx } from "./postgres-database.ts";
import { lockKeys } from "./slot-lines.ts";

interface Standing {
  readonly key: string;
  readonly holds: boolean;
  readonly full: boolean;
  readonly after_ms: number;
}

const maxBatch = 200;

/** Limits of all processes on the database. What a process asks for at the same time is decided in one transaction. */
export function createPermits({
  database,
}: PostgresContext): PermitStore & { settled(): Promise<void> } {
  const lane = new GroupCommit<PermitRequest, PermitAnswer>({
    max: maxBatch,
    flush: (batch) =>
      database.transaction(async (tx) => {
        await lockKeys(
          tx,
          batch.flatMap(({ limits }) => limits.map(({ key }) => `permit ${key}`)),
        );
        const answers: PermitAnswer[] = [];
        for (const request of batch) answers.push(await take(tx, request));
        return answers;
      }),
  });
  const returns = new GroupCommit<readonly string[], null>({
    max: maxBatch,
    async flush(batch) {
      await database.query("DELETE FROM @permit WHERE holder = ANY ($1)", [batch.flat()]);
      return batch.map(() => null);
    },
  });
  return {
    take: (request) => lane.submit(request),
    reserve: (key, { count, perMs }) =>
      database.transaction(async (tx) => {
        await lockKeys(tx, [`permit ${key}`]);
        await tx.query("DELETE FROM @permit_use WHERE key = $1 AND at <= @clock - $2", [
          key,
          perMs,
        ]);
        const { rows } = await tx.query<{ at: number }>(
          `INSERT INTO @permit_use (key, at) SELECT $1, greatest(@clock, coalesce((SELECT at + $3
           FROM @permit_use WHERE key = $1 ORDER BY at DESC LIMIT 1 OFFSET $2), 0)) RETURNING at`,
          [key, count - 1, perMs],
        );
        return required(rows[0], "a row that was inserted").at;
      }),
    async giveBack(holders) {
      if (holders.length > 0) await returns.submit(holders);
    },
    async settled() {
      await Promise.all([lane.settled(), returns.settled()]);
    },
  };
}

/** The window that would be overfull begins with the use that is `count` back. */
const standing = `
SELECT t.key, EXISTS (SELECT 1 FROM @permit p WHERE p.key = t.key AND p.holder = $5) AS holds,
  t.at_once IS NOT NULL AND t.at_once <= (SELECT count(*) FROM @permit p WHERE p.key = t.key
    AND EXISTS (SELECT 1 FROM @session s WHERE s.id = p.session AND s.until > @clock)) AS full,
  coalesce((SELECT u.at + t.per_ms - @clock FROM @permit_use u WHERE u.key = t.key AND u.at > @clock - t.per_ms
    ORDER BY u.at DESC LIMIT 1 OFFSET t.count - 1), 0) AS after_ms
FROM unnest($1::text[], $2::int[], $3::int[], $4::float8[]) AS t (key, at_once, count, per_ms)`;

async function take(tx: Tx, request: PermitRequest): Promise<PermitAnswer> {
  const { holder, session, limits, slackMs = 0 } = request;
  const { rows } = await tx.query<Standing>(standing, [
    limits.map(({ key }) => key),
    limits.map(({ atOnce }) => atOnce),
    limits.map(({ rate }) => rate?.count ?? 1),
    limits.map(({ rate }) => rate?.perMs ?? 0),
    holder,
  ]);
  const open = rows.filter(({ holds }) => !holds);
  if (open.some(({ full }) => full)) return { granted: false, afterMs: null };
  const afterMs = Math.max(0, ...open.map((row) => row.after_ms));
  if (afterMs > 0) return { granted: false, afterMs };
  const keys = new Set(open.map(({ key }) => key));
  const rated = limits.filter(({ key, rate }) => rate !== null && keys.has(key));
  await tx.query(
    "INSERT INTO @permit (key, holder, session) SELECT key, $2, $3 FROM unnest($1::text[]) AS t (key)",
    [[...keys], holder, session],
  );
  for (const { key, rate } of rated) {
    await tx.query("DELETE FROM @permit_use WHERE key = $1 AND at <= @clock - $2", [
      key,
      rate?.perMs ?? 0,
    ]);
    await tx.query("INSERT INTO @permit_use (key, at) VALUES ($1, @clock + $2::float8)", [
      key,
      slackMs,
    ]);
  }
  return { granted: true };
}
