import type { DeadLetter } from "../../ports/dead-letter.ts";
import type { Store } from "../../ports/store.ts";
import {
  unpackLetters,
  withoutInput,
  type LetterRow,
  type PackedLetter,
} from "../letter-packing.ts";
import type { PostgresContext } from "./postgres-context.ts";
import type { PayloadUse } from "./payloads.ts";
import type { Tx } from "./postgres-database.ts";

/** Keeps dead letters, except those whose ids are there. What they refer to is kept beside them (`usesOfLetter`). */
export async function keepLetters(tx: Tx, letters: readonly PackedLetter[]): Promise<void> {
  if (letters.length === 0) return;
  const column = (of: (packed: PackedLetter) => string | null): (string | null)[] =>
    letters.map(of);
  await tx.query(
    `INSERT INTO @dead_letter (id, run, queue, status, body, reason, input, path)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) ON CONFLICT DO NOTHING`,
    [
      column(({ letter }) => letter.id),
      column(({ letter }) => letter.run),
      column(({ letter }) => letter.queue),
      column(({ letter }) => letter.status),
      column(({ body }) => body.text),
      column(({ letter }) => letter.reason ?? null),
      column(({ input }) => input.text),
      column(({ letter }) => letter.path),
    ],
  );
}

/** `n` is the number of its run, null when none could be started. */
export function usesOfLetter(
  { letter, body, input }: PackedLetter,
  n: number | null,
): readonly PayloadUse[] {
  const usedBy = n === null ? `letter/${letter.id}` : `run/${n}`;
  return [...body.payloads, ...input.payloads].map((payload) => ({ payload, usedBy }));
}

type Letters = Pick<Store, "deadLetters" | "deadLetter" | "closeDeadLetter">;

export function createLetters({ database, payloads }: PostgresContext): Letters {
  const unpack = payloads.unpack.bind(payloads);
  return {
    async deadLetters({ queue, status, run, paths, withoutItems, after = "", limit = null }) {
      const values: unknown[] = [after, limit];
      let conditions = 'id COLLATE "C" > $1';
      for (const [column, value] of Object.entries({ queue, status, run }))
        if (value !== undefined) conditions += ` AND ${column} = $${values.push(value)}`;
      if (paths !== undefined) conditions += ` AND path = ANY ($${values.push(paths)})`;
      if (withoutItems === true) conditions += " AND (path IS NULL OR path LIKE '%!undo')";
      const { rows } = await database.query<LetterRow>(
        `SELECT body, CASE WHEN input IS NOT NULL THEN 'null' END AS input, status, reason FROM @dead_letter
         WHERE ${conditions} ORDER BY id COLLATE "C" LIMIT $2::bigint`,
        values,
      );
      return (await unpackLetters(rows, unpack)).map(withoutInput);
    },
    async deadLetter(id) {
      const { rows } = await database.query<LetterRow>(
        "SELECT body, input, status, reason FROM @dead_letter WHERE id = $1",
        [id],
      );
      const [letter = null] = await unpackLetters(rows, unpack);
      return letter;
    },
    closeDeadLetter: (id: string, status: DeadLetter["status"], reason: string) =>
      database.transaction(async (tx) => {
        const { count } = await tx.query(
          "UPDATE @dead_letter SET status = $2, reason = $3 WHERE id = $1 AND status = 'open'",
          [id, status, reason],
        );
        return count > 0;
      }),
  };
}
