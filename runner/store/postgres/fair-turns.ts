import type { NewRun } from "../../ports/new-run.ts";
import { headStartMs, spacingMs } from "../fair-places.ts";
import type { Tx } from "./postgres-database.ts";

interface Turn {
  readonly key: string;
  readonly run: string | null;
  readonly at: number | null;
  readonly waits: boolean;
  readonly now: number;
}

/**
 * Where new runs stand among those that are ready, as `FairPlaces` says; the last turn of each key is kept in the store, because many
 * processes create runs.
 */
export async function placeRuns(tx: Tx, runs: readonly NewRun[]): Promise<readonly number[]> {
  const keyOf = (run: NewRun): string => run.fairnessKey ?? run.flow;
  const keys = [...new Set(runs.map(keyOf))].sort();
  // Its row is locked, so that the next one to create a run of the key waits for this turn.
  await tx.query(
    "INSERT INTO @turn (key, run, at) SELECT key, '', 0 FROM unnest($1::text[]) WITH ORDINALITY AS t (key, i) ORDER BY i ON CONFLICT (key) DO NOTHING",
    [keys],
  );
  const { rows } = await tx.query<Turn>(
    `SELECT turn.key, turn.run, turn.at, @clock AS now, NOT EXISTS (SELECT 1 FROM @run WHERE id = turn.run AND epoch > 0) AS waits
     FROM @turn turn WHERE key = ANY ($1) ORDER BY key FOR UPDATE`,
    [keys],
  );
  const turns = new Map(rows.map((row) => [row.key, row]));
  const places = runs.map((run) => {
    const key = keyOf(run);
    const last = turns.get(key);
    const now = last?.now ?? 0;
    const turnMs = last?.waits === true ? Math.max(now, (last.at ?? 0) + spacingMs) : now;
    turns.set(key, { key, run: run.run, at: turnMs, waits: true, now });
    return turnMs - run.priority * headStartMs;
  });
  const changed = [...turns.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  await tx.query(
    "UPDATE @turn turn SET run = t.run, at = t.at FROM unnest($1::text[], $2::text[], $3::float8[]) AS t (key, run, at) WHERE turn.key = t.key",
    [changed.map(({ key }) => key), changed.map(({ run }) => run), changed.map(({ at }) => at)],
  );
  return places;
}
