import type { AppendEntry, CallSlot } from "../../ports/store.ts";
import { slotItem, slotItemId } from "../slot-item.ts";
import type { Tx } from "./postgres-database.ts";
import { lockKeys } from "./slot-lines.ts";

/** Members of a line that are looked at in one transaction: what is free beyond that is found by the next look. */
const atOnce = 200;

interface Moving {
  /** Number of the run. */
  readonly n: number;
  readonly packed: { readonly entry: Pick<AppendEntry, "run" | "slots"> };
  /** Place in the batch. */
  readonly index: number;
}

/**
 * Slots of called flows. Joining a line and leaving it needs no lock, because nobody is given a slot by it: a slot is taken by the
 * run whose call is first, when it is told, or found by the next look for work.
 */
export async function moveCalls(
  tx: Tx,
  written: readonly Moving[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  const joins: (CallSlot & { readonly n: number })[] = [];
  const leaves: {
    readonly n: number;
    readonly run: string;
    readonly path: string;
    readonly index: number;
  }[] = [];
  for (const { n, index, packed } of written) {
    const { run, slots } = packed.entry;
    for (const slot of slots?.join ?? []) joins.push({ ...slot, n });
    for (const path of slots?.leave ?? []) leaves.push({ n, run, path, index });
  }
  if (joins.length > 0) {
    await tx.query(
      `INSERT INTO @slot_wait (key, slots, run, path)
       SELECT key, slots, run, path FROM unnest($1::text[], $2::int[], $3::bigint[], $4::text[]) WITH ORDINALITY AS t (key, slots, run, path, i)
       WHERE NOT EXISTS (SELECT 1 FROM @slot_wait w WHERE w.run = t.run AND w.path = t.path)
         AND NOT EXISTS (SELECT 1 FROM @slot s WHERE s.run = t.run AND s.path = t.path) ORDER BY i`,
      [
        joins.map(({ key }) => key),
        joins.map(({ limit }) => limit),
        joins.map(({ n }) => n),
        joins.map(({ path }) => path),
      ],
    );
  }
  if (leaves.length === 0) return new Map();
  await tx.query("DELETE FROM @inbox WHERE id = ANY ($1)", [
    leaves.map(({ run, path }) => slotItemId(run, path)),
  ]);
  const { rows: left } = await tx.query<{ run: number; path: string; key: string }>(
    `WITH t AS (SELECT * FROM unnest($1::bigint[], $2::text[]) AS t (run, path)),
       held AS (DELETE FROM @slot s USING t WHERE s.run = t.run AND s.path = t.path RETURNING s.run, s.path, s.key),
       queued AS (DELETE FROM @slot_wait w USING t WHERE w.run = t.run AND w.path = t.path RETURNING w.run, w.path, w.key)
     SELECT * FROM held UNION SELECT * FROM queued`,
    [leaves.map(({ n }) => n), leaves.map(({ path }) => path)],
  );
  const next = await nextInLine(tx, [...new Set(left.map(({ key }) => key))]);
  const keys = new Map(left.map(({ run, path, key }) => [`${run} ${path}`, key]));
  // Thousands of calls may leave one line at once.
  const leftLines = new Map<number, Set<string>>();
  for (const { n, path, index } of leaves) {
    const lines = leftLines.get(index) ?? new Set();
    leftLines.set(index, lines.add(keys.get(`${n} ${path}`) ?? ""));
  }
  return new Map(
    [...leftLines].map(([index, lines]) => [
      index,
      [...new Set([...lines].flatMap((key) => next.get(key) ?? []))],
    ]),
  );
}

/** Runs for which there are free slots, by key. */
async function nextInLine(
  tx: Tx,
  keys: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  if (keys.length === 0) return found;
  const { rows } = await tx.query<{ key: string; id: string }>(
    `SELECT k.key, run.id FROM unnest($1::text[]) AS k (key),
       LATERAL (SELECT w.n, w.run, w.slots, row_number() OVER (ORDER BY w.n) AS place FROM @slot_wait w WHERE w.key = k.key ORDER BY w.n LIMIT ${atOnce}) line
       JOIN @run run ON run.n = line.run
     WHERE line.place <= line.slots - (SELECT count(*) FROM @slot s WHERE s.key = k.key) ORDER BY k.key, line.n`,
    [keys],
  );
  for (const { key, id } of rows) {
    const runs = found.get(key) ?? [];
    found.set(key, runs);
    if (!runs.includes(id)) runs.push(id);
  }
  return found;
}

/** Gives the calls of a run the slots that they are first in line for. Whether there was one. */
export async function takeCallSlots(
  tx: Tx,
  { run, epoch }: { readonly run: string; readonly epoch: number },
): Promise<boolean> {
  const { rows: owned } = await tx.query<{ n: number; now: number }>(
    "SELECT n, @clock AS now FROM @run WHERE id = $1 AND epoch = $2 AND owner IS NOT NULL FOR SHARE",
    [run, epoch],
  );
  const [row] = owned;
  if (row === undefined) return false;
  const { n, now } = row;
  const { rows: lines } = await tx.query<{ key: string }>(
    "SELECT DISTINCT key FROM @slot_wait WHERE run = $1 AND path <> ''",
    [n],
  );
  const keys = lines.map(({ key }) => key);
  if (keys.length === 0) return false;
  await lockKeys(tx, keys);
  // Whoever is first holds up those behind him, so only the head of a line that is all of this run is taken.
  const { rows: taken } = await tx.query<{ path: string }>(
    `WITH line AS (
       SELECT w.n, w.key, w.run, w.path, w.slots, row_number() OVER (PARTITION BY w.key ORDER BY w.n) AS place,
         bool_and(w.run = $1 AND w.path <> '') OVER (PARTITION BY w.key ORDER BY w.n) AS ours
       FROM unnest($2::text[]) AS k (key), LATERAL (SELECT * FROM @slot_wait WHERE key = k.key ORDER BY n LIMIT ${atOnce}) w
     ), gone AS (
       DELETE FROM @slot_wait w USING line
       WHERE w.n = line.n AND line.ours AND line.place <= line.slots - (SELECT count(*) FROM @slot s WHERE s.key = line.key)
       RETURNING w.key, w.run, w.path
     ) INSERT INTO @slot (key, run, path) SELECT key, run, path FROM gone RETURNING path`,
    [n, keys],
  );
  if (taken.length === 0) return false;
  const items = taken.map(({ path }) => slotItem(run, path, now));
  await tx.query(
    "INSERT INTO @inbox (id, run, kind, body) SELECT id, $3, 'slot', body FROM unnest($1::text[], $2::text[]) AS t (id, body) ON CONFLICT DO NOTHING",
    [items.map(({ id }) => id), items.map((item) => JSON.stringify(item)), n],
  );
  return true;
}
