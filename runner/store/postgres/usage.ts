import type { UsageDimension, UsageLedger, UsageRecord } from "../../ports/usage-ledger.ts";
import type { PostgresContext } from "./postgres-context.ts";
import type { Tx } from "./postgres-database.ts";

export interface UsageOfRun {
  readonly run: string;
  readonly records: readonly UsageRecord[];
}

/** Part of the transaction that holds the outcomes. */
export async function keepUsage(tx: Tx, entries: readonly UsageOfRun[]): Promise<void> {
  const rows = entries.flatMap(({ run, records }) => records.map((record) => ({ run, ...record })));
  if (rows.length === 0) return;
  await tx.query(
    `INSERT INTO @usage (at, run, seq, flow, callee, model, tokens_in, tokens_out, cost)
     SELECT * FROM unnest($1::float8[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::float8[])`,
    [
      rows.map(({ atMs }) => atMs),
      rows.map(({ run }) => run),
      rows.map(({ seq }) => seq),
      rows.map(({ flow }) => flow),
      rows.map(({ callee }) => callee),
      rows.map(({ model }) => model),
      rows.map(({ tokensIn }) => tokensIn),
      rows.map(({ tokensOut }) => tokensOut),
      rows.map(({ cost }) => cost),
    ],
  );
}

const columns: Readonly<Record<UsageDimension, string>> = {
  day: "to_char(to_timestamp(at / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
  flow: "flow",
  callee: "callee",
  model: "model",
};

interface SumRow {
  readonly day?: string;
  readonly flow?: string;
  readonly callee?: string;
  readonly model?: string | null;
  readonly calls: number;
  readonly tokens_in: number;
  readonly tokens_out: number;
  readonly cost: number;
}

export function createUsageLedger({ database }: PostgresContext): UsageLedger {
  return {
    async sum({ fromMs, untilMs, by, run = null }) {
      const groups = by.map((name) => `${columns[name]} AS ${name}, `).join("");
      const { rows } = await database.query<SumRow>(
        `SELECT ${groups}count(*)::float8 AS calls, sum(tokens_in)::float8 AS tokens_in, sum(tokens_out)::float8 AS tokens_out,
           sum(cost) AS cost
         FROM @usage WHERE at >= $1 AND at < $2 AND ($3::text IS NULL OR run = $3)
         ${by.length === 0 ? "HAVING count(*) > 0" : `GROUP BY ${by.map((_, index) => index + 1).join(", ")}`} ORDER BY cost DESC`,
        [fromMs, untilMs, run],
      );
      return rows.map((row) => ({
        group: Object.fromEntries(by.map((name) => [name, row[name] ?? null])),
        calls: row.calls,
        tokensIn: row.tokens_in,
        tokensOut: row.tokens_out,
        cost: row.cost,
      }));
    },
  };
}
