import type { RunEvent } from "../../plan/history.ts";
import type { HistoryRow, HistoryWriter } from "./sqlite-context.ts";
import type { Column, SqliteDatabase, Statement } from "./sqlite-database.ts";
import type { PayloadTable } from "./sqlite-payload.ts";

/** Rows read before others have their turn. */
const rowsAtOnce = 1_024;
/** Many rows in one statement cost half of as many statements. */
const rowsPerStatement = [64, 16, 4, 1] as const;

/** Nearly all rows are of runs that have spent nothing, and numbers that stand in the text need not be passed. */
const spendings = { free: "0, 0, 0", paid: "?, ?, ?" } as const;
type Spending = keyof typeof spendings;

/** Writes the rows that a flush has collected. */
export function createHistoryWriter(
  database: SqliteDatabase,
  payloads: PayloadTable,
): HistoryWriter & { flush(): void; clear(): void } {
  const prepare = (rows: number, spending: Spending): Statement<never> => {
    const values = Array(rows).fill(`(?, ?, ${spendings[spending]}, ?)`).join(",");
    return database.prepare(
      `INSERT INTO batch (run, last_seq, cost, tokens_in, tokens_out, body) VALUES ${values}`,
    );
  };
  const statements = rowsPerStatement.map((rows) => ({
    rows,
    free: prepare(rows, "free"),
    paid: prepare(rows, "paid"),
  }));
  let pending: HistoryRow[] = [];

  return {
    add: (row) => void pending.push(row),
    clear() {
      pending = [];
    },
    flush() {
      if (pending.length === 0) return;
      const spending = pending.some(hasSpent) ? "paid" : "free";
      let at = 0;
      for (const statement of statements) {
        const { rows } = statement;
        for (; pending.length - at >= rows; at += rows)
          statement[spending].run(parametersOf(pending.slice(at, at + rows), spending));
      }
      for (const { run, events } of pending)
        for (const payload of events.payloads) payloads.put(payload, `run/${run}`);
      pending = [];
    },
  };
}

function hasSpent({ cost, tokensIn, tokensOut }: HistoryRow): boolean {
  return cost !== 0 || tokensIn !== 0 || tokensOut !== 0;
}

function parametersOf(rows: readonly HistoryRow[], spending: Spending): Column[] {
  const parameters: Column[] = [];
  for (const { run, lastSeq, cost, tokensIn, tokensOut, events } of rows)
    if (spending === "free") parameters.push(run, lastSeq, events.text);
    else parameters.push(run, lastSeq, cost, tokensIn, tokensOut, events.text);
  return parameters;
}

export function createHistoryReader(
  database: SqliteDatabase,
  payloads: PayloadTable,
): (
  run: string,
  range: { readonly afterSeq: number; readonly limit?: number },
) => Promise<readonly RunEvent[]> {
  const select = database.prepare<{ body: string }>(
    "SELECT body FROM batch WHERE run = (SELECT n FROM run WHERE id = ?) AND last_seq > ? ORDER BY last_seq LIMIT ?",
  );
  return async (run, { afterSeq, limit = Number.MAX_SAFE_INTEGER }) => {
    const events: RunEvent[] = [];
    // A row holds at least one event, so as many rows as events are always enough.
    for (let seq = afterSeq; events.length < limit;) {
      const rowsWanted = Math.min(rowsAtOnce, limit - events.length);
      const rows = select.all([run, seq, rowsWanted]);
      for (const batch of await payloads.unpackAll(rows.map(({ body }) => body))) {
        for (const event of batch as unknown as readonly RunEvent[])
          if (event.seq > afterSeq && events.length < limit) events.push(event);
      }
      if (rows.length < rowsWanted) break;
      seq = events.at(-1)?.seq ?? seq;
    }
    return events;
  };
}
