import type { NewRun, Slot } from "../../ports/new-run.ts";
import type { Tx } from "./postgres-database.ts";

/**
 * Who holds slots, and who stands in line for them. Whoever looks at a key's slots in order to take one holds the key's lock until its
 * transaction ends; giving one back needs none.
 */
export async function lockKeys(tx: Tx, keys: readonly string[]): Promise<void> {
  const ordered = [...new Set(keys)].sort();
  if (ordered.length === 0) return;
  await tx.query(
    "SELECT pg_advisory_xact_lock(hashtextextended(key, 1)) FROM unnest($1::text[]) WITH ORDINALITY AS t (key, i) ORDER BY i",
    [ordered],
  );
}

export async function joinLines(tx: Tx, n: number, slots: readonly Slot[]): Promise<void> {
  if (slots.length === 0) return;
  await tx.query(
    `INSERT INTO @slot_wait (key, slots, run) SELECT key, slots, $3 FROM unnest($1::text[], $2::int[]) AS t (key, slots)
     WHERE NOT EXISTS (SELECT 1 FROM @slot_wait w WHERE w.key = t.key AND w.run = $3 AND w.path = '')`,
    [slots.map(({ key }) => key), slots.map(({ limit }) => limit), n],
  );
}

/** All or none; who gets none queues behind those that do already. Under the keys' locks. */
export async function takeSlots(tx: Tx, n: number, slots: readonly Slot[]): Promise<boolean> {
  if (slots.length === 0) return true;
  const keys = slots.map(({ key }) => key);
  const limits = slots.map(({ limit }) => limit);
  const { rows } = await tx.query(
    `SELECT 1 FROM unnest($1::text[], $2::int[]) AS t (key, slots)
     WHERE NOT EXISTS (SELECT 1 FROM @slot s WHERE s.key = t.key AND s.run = $3 AND s.path = '')
       AND ((SELECT count(*) FROM @slot s WHERE s.key = t.key) >= t.slots
         OR EXISTS (SELECT 1 FROM @slot_wait w WHERE w.key = t.key AND w.run <> $3
           AND w.n < coalesce((SELECT min(n) FROM @slot_wait mine WHERE mine.key = t.key AND mine.run = $3 AND mine.path = ''), 9e15)))`,
    [keys, limits, n],
  );
  if (rows.length > 0) {
    await joinLines(tx, n, slots);
    return false;
  }
  await tx.query(
    "INSERT INTO @slot (key, run) SELECT key, $2 FROM unnest($1::text[]) AS t (key) ON CONFLICT DO NOTHING",
    [keys, n],
  );
  await tx.query("DELETE FROM @slot_wait WHERE run = $1 AND path = ''", [n]);
  return true;
}

/** False when a run is not to be created, because its slots are not free. Under the keys' locks. */
export async function makeRoom(tx: Tx, { overlap, slots = [] }: NewRun): Promise<boolean> {
  if (overlap === undefined) return true;
  const wanted = slots.filter(({ key }) => overlap.keys.includes(key));
  const { rows } = await tx.query<{ key: string; run: number; id: string; path: string }>(
    `SELECT used.key, run.n AS run, run.id, used.path
     FROM (SELECT key, run, path FROM @slot WHERE key = ANY ($1) UNION SELECT key, run, path FROM @slot_wait WHERE key = ANY ($1)) used
     JOIN @run run ON run.n = used.run ORDER BY run.n`,
    [wanted.map(({ key }) => key)],
  );
  const full = wanted
    .map(({ key, limit }) => ({ limit, users: rows.filter((row) => row.key === key) }))
    .filter(({ limit, users }) => users.length >= limit);
  if (full.length === 0) return true;
  if (overlap.kind === "skip") return false;
  const { id, atMs, reason } = overlap.cancel;
  // A run that only calls the flow is none that goes on already.
  const items = full
    .flatMap(({ users }) => users.filter(({ path }) => path === ""))
    .map(({ run: n, id: run }) => ({
      n,
      item: { id: `${id}/${run}`, run, atMs, kind: "cancel", reason },
    }));
  await tx.query(
    "INSERT INTO @inbox (id, run, kind, body) SELECT id, run, 'cancel', body FROM unnest($1::text[], $2::bigint[], $3::text[]) AS t (id, run, body) ON CONFLICT DO NOTHING",
    [
      items.map(({ item }) => item.id),
      items.map(({ n }) => n),
      items.map(({ item }) => JSON.stringify(item)),
    ],
  );
  return true;
}
