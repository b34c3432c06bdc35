import type { Json } from "../../plan/expression.ts";
import type { RunEvent } from "../../plan/history.ts";
import type { RunHistory } from "../ports/store.ts";

/** Runs with no more events have no snapshot, and what they are folded from is read with their claims. */
export const shortHistory = 64;

/** Between the rows of a history that are read as one; no JSON text holds it. */
export const rowSeparator = "\x01";

export async function historyOfRows(
  rows: string,
  unpack: (texts: readonly string[]) => Promise<readonly Json[]>,
): Promise<RunHistory> {
  const bodies = await unpack(rows.split(rowSeparator));
  const tail = (bodies as unknown as readonly (readonly RunEvent[])[]).flat();
  return { created: tail[0] ?? null, snapshot: null, tail };
}
