import type { DeadLetter } from "../../ports/dead-letter.ts";
import type { Tx } from "./postgres-database.ts";

/** Keeps dead letters, except those whose ids are there. */
export async function keepLetters(tx: Tx, letters: readonly DeadLetter[]): Promise<void> {
  if (letters.length === 0) return;
  const column = (of: (letter: DeadLetter) => string | null): (string | null)[] => letters.map(of);
  await tx.query(
    `INSERT INTO @dead_letter (id, run, queue, status, body, reason)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) ON CONFLICT DO NOTHING`,
    [
      column(({ id }) => id),
      column(({ run }) => run),
      column(({ queue }) => queue),
      column(({ status }) => status),
      column((letter) => JSON.stringify(letter)),
      column(({ reason = null }) => reason),
    ],
  );
}
