import type { RunEvent } from "../../plan/history.ts";
import type { HistoryRow, HistoryWriter } from "./sqlite-context.ts";
import type { Column, SqliteDatabase, Statement } from "./sqlite-database.ts";
import type { PayloadTable } from "./sqlite-payload.ts";

const columns = 6;
/** Rows read before others have their turn. */
const rowsAtOnce = 1_024;
/** Many rows in one statement cost half of as many statements. */
const rowsPerStatement = [64, 16, 4, 1] as const;

/** Writes the rows that a flush has collected. */
export function createHistoryWriter(
  database: SqliteDatabase,
  payloads: PayloadTable,
): HistoryWriter & { flush(): void; clear(): void } {
  const statements = new Map<number, Statement<never>>(
    rowsPerStatement.map((rows) => {
      const values = Array(rows)
        .fill(`(${Array(columns).fill("?").join(",")})`)
        .join(",");
      return [
        rows,
        database.prepare(
          `INSERT INTO batch (run, last_seq, cost, tokens_in, tokens_out, body) VALUES ${values}`,
        ),
      ];
    }),
  );
  let pending: HistoryRow[] = [];

  return {
    add: (row) => void pending.push(row),
    clear() {
      pending = [];
    },
    flush() {
      if (pending.length === 0) return;
      let at = 0;
      for (const rows of rowsPerStatement) {
        const statement = statements.get(rows);
        for (; pending.length - at >= rows; at += rows) {
          const parameters: Column[] = [];
          for (let index = at; index < at + rows; index += 1) {
            const row = pending[index];
            if (row === undefined) continue;
            for (const payload of row.events.payloads) payloads.put(payload, `run/${row.run}`);
            parameters.push(
              row.run,
              row.lastSeq,
              row.cost,
              row.tokensIn,
              row.tokensOut,
              row.events.text,
            );
          }
          statement?.run(parameters);
        }
      }
      pending = [];
    },
  };
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
