import type { DeadLetter } from "../ports/dead-letter.ts";
import type { Store } from "../ports/store.ts";
import {
  unpackLetters,
  withoutInput,
  type LetterRow,
  type PackedLetter,
} from "./letter-packing.ts";
import type { SqliteContext } from "./sqlite-context.ts";
import type { Column, Statement } from "./sqlite-database.ts";

/** Keeps a dead letter, unless one with its id is there. Within a flush. `run` is the number of its run, null when none could be started. */
export type LetterWriter = (packed: PackedLetter, run: number | null) => void;

export function putLetter({
  database,
  payloads,
}: Pick<SqliteContext, "database" | "payloads">): LetterWriter {
  const insert = database.prepare(
    "INSERT OR IGNORE INTO dead_letter (id, run, queue, status, body, reason, input, path) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  return ({ letter, body, input }, n) => {
    const { id, run, queue, status, path, reason = null } = letter;
    const user = n === null ? `letter/${id}` : `run/${n}`;
    for (const payload of [...body.payloads, ...input.payloads]) payloads.put(payload, user);
    insert.run([id, run, queue, status, body.text, reason, input.text, path]);
  };
}

type Letters = Pick<Store, "deadLetters" | "deadLetter" | "closeDeadLetter">;

export function createLetters({ database, payloads, flush }: SqliteContext): Letters {
  const one = database.prepare<LetterRow>(
    "SELECT body, input, status, reason FROM dead_letter WHERE id = ?",
  );
  const close = database.prepare(
    "UPDATE dead_letter SET status = ?, reason = ? WHERE id = ? AND status = 'open'",
  );
  const lists = new Map<string, Statement<LetterRow>>();
  const list = (conditions: string): Statement<LetterRow> => {
    const text = `SELECT body, CASE WHEN input IS NOT NULL THEN 'null' END AS input, status, reason FROM dead_letter WHERE ${conditions} ORDER BY id LIMIT ?`;
    const statement = lists.get(text) ?? database.prepare<LetterRow>(text);
    lists.set(text, statement);
    return statement;
  };

  return {
    async deadLetters({ queue, status, run, paths, withoutItems, after = "", limit = -1 }) {
      const values: Column[] = [after];
      let conditions = "id > ?";
      for (const [column, value] of Object.entries({ queue, status, run })) {
        if (value === undefined) continue;
        conditions += ` AND ${column} = ?`;
        values.push(value);
      }
      if (paths !== undefined) {
        conditions += " AND path IN (SELECT value FROM json_each(?))";
        values.push(JSON.stringify(paths));
      }
      if (withoutItems === true) conditions += " AND (path IS NULL OR path GLOB '*!undo')";
      const rows = list(conditions).all([...values, limit]);
      return (await unpackLetters(rows, payloads.unpackAll)).map(withoutInput);
    },
    async deadLetter(id) {
      const row = one.get([id]);
      if (row === undefined) return null;
      const [letter = null] = await unpackLetters([row], payloads.unpackAll);
      return letter;
    },
    closeDeadLetter: (id: string, status: DeadLetter["status"], reason: string) =>
      flush.write(() => close.run([status, reason, id]).changes > 0),
  };
}
