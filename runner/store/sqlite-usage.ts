import type { UsageDimension, UsageLedger, UsageRecord, UsageSum } from "../ports/usage-ledger.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/** Within a flush. */
export type UsageWriter = (run: string, records: readonly UsageRecord[]) => void;

export function createUsageWriter(database: SqliteDatabase): UsageWriter {
  const insert = database.prepare(
    "INSERT INTO usage (at, run, seq, flow, callee, model, tokens_in, tokens_out, cost) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  return (run, records) => {
    for (const { seq, atMs, flow, callee, model, tokensIn, tokensOut, cost } of records)
      insert.run([atMs, run, seq, flow, callee, model, tokensIn, tokensOut, cost]);
  };
}

const columns: Readonly<Record<UsageDimension, string>> = {
  day: "strftime('%Y-%m-%d', at / 1000, 'unixepoch')",
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

export function createUsageLedger(database: SqliteDatabase): UsageLedger {
  return {
    sum({ fromMs, untilMs, by, run = null }) {
      const groups = by.map((name) => `${columns[name]} AS ${name}`);
      const select = database.prepare<SumRow>(
        `SELECT ${[...groups, ""].join(", ")} count(*) AS calls, total(tokens_in) AS tokens_in, total(tokens_out) AS tokens_out,
           total(cost) AS cost
         FROM usage WHERE at >= ?1 AND at < ?2 AND (?3 IS NULL OR run = ?3)
         ${by.length === 0 ? "HAVING count(*) > 0" : `GROUP BY ${by.join(", ")}`} ORDER BY cost DESC`,
      );
      const rows = select.all([fromMs, untilMs, run]);
      return Promise.resolve(rows.map((row) => toSum(row, by)));
    },
  };
}

function toSum(row: SumRow, by: readonly UsageDimension[]): UsageSum {
  const { calls, tokens_in: tokensIn, tokens_out: tokensOut, cost } = row;
  const group = Object.fromEntries(by.map((name) => [name, row[name] ?? null]));
  return { group, calls, tokensIn, tokensOut, cost };
}
