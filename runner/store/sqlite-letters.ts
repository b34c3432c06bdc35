import type { DeadLetter } from "../ports/dead-letter.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/** Keeps a dead letter, unless one with its id is there. Within a flush. */
export type LetterWriter = (letter: DeadLetter) => void;

export function putLetter(database: SqliteDatabase): LetterWriter {
  const insert = database.prepare(
    "INSERT OR IGNORE INTO dead_letter (id, run, queue, status, body, reason) VALUES (?, ?, ?, ?, ?, ?)",
  );
  return (letter) => {
    const { id, run, queue, status, reason = null } = letter;
    insert.run([id, run, queue, status, JSON.stringify(letter), reason]);
  };
}
