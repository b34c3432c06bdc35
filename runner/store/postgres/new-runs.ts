import type { CreatedRun, NewRun } from "../../ports/new-run.ts";
import type { Packed } from "../payload.ts";
import type { PostgresContext } from "./postgres-context.ts";
import type { Tx } from "./postgres-database.ts";
import { placeRuns } from "./fair-turns.ts";
import { joinLines, lockKeys, makeRoom } from "./slot-lines.ts";

export interface PackedRun {
  readonly run: NewRun;
  readonly events: Packed;
}

/** Adds runs, unless their keys have one or their `overlap` forbids it. Answers in their order. */
export async function insertRuns(
  { payloads, lastLook }: PostgresContext,
  tx: Tx,
  runs: readonly PackedRun[],
): Promise<readonly CreatedRun[]> {
  if (runs.length === 0) return [];
  lastLook.nextWake = null;
  const answers = new Map<PackedRun, CreatedRun>();
  await lockKeys(
    tx,
    runs.flatMap(({ run }) => (run.slots ?? []).map(({ key }) => key)),
  );
  let plain: PackedRun[] = [];
  const flush = async (): Promise<void> => {
    for (const [packed, { run, existing }] of await insertPlain(tx, plain))
      answers.set(packed, { run, existing });
    plain = [];
  };
  for (const packed of runs) {
    plain.push(packed);
    const { run } = packed;
    if (run.slots === undefined && run.overlap === undefined) continue;
    // What it may do depends on those before it.
    plain.pop();
    await flush();
    answers.set(packed, await insertInLine(tx, packed));
  }
  await flush();
  await keepPayloads(payloads, tx, { runs, answers });
  return runs.map((packed) => answers.get(packed) ?? { run: packed.run.run, existing: true });
}

async function insertInLine(tx: Tx, packed: PackedRun): Promise<CreatedRun> {
  const { run } = packed;
  const existing = await findByKey(tx, [packed]);
  const found = existing.get(run.idempotencyKey ?? "");
  if (found !== undefined) return { run: found, existing: true };
  if (!(await makeRoom(tx, run))) return { run: run.run, existing: false, skipped: true };
  const inserted = await insertPlain(tx, [packed]);
  const answer = inserted.get(packed) ?? { run: run.run, existing: true, n: null };
  // One whose time has not come holds nobody up.
  if (answer.n !== null && run.wakeAtMs === null) await joinLines(tx, answer.n, run.slots ?? []);
  return { run: answer.run, existing: answer.existing };
}

interface Inserted extends CreatedRun {
  readonly n: number | null;
}

async function insertPlain(
  tx: Tx,
  runs: readonly PackedRun[],
): Promise<ReadonlyMap<PackedRun, Inserted>> {
  const answers = new Map<PackedRun, Inserted>();
  if (runs.length === 0) return answers;
  const existing = new Map(await findByKey(tx, runs));
  const fresh: PackedRun[] = [];
  for (const packed of runs) {
    const { run, idempotencyKey: key } = packed.run;
    const found = key === null ? undefined : existing.get(key);
    if (found !== undefined) answers.set(packed, { run: found, existing: true, n: null });
    else {
      fresh.push(packed);
      if (key !== null) existing.set(key, run);
    }
  }
  const rows = await insertFresh(tx, fresh);
  const lost: PackedRun[] = [];
  for (const packed of fresh) {
    const n = rows.get(packed.run.run);
    if (n === undefined) lost.push(packed);
    else answers.set(packed, { run: packed.run.run, existing: false, n });
  }
  if (lost.length === 0) return answers;
  // Somebody else used the key in the same moment, and has committed it by now.
  const winners = await findByKey(tx, lost);
  for (const packed of lost) {
    const { run, idempotencyKey: key } = packed.run;
    answers.set(packed, { run: winners.get(key ?? "") ?? run, existing: true, n: null });
  }
  return answers;
}

/** Runs by their idempotency keys. */
export async function findByKey(
  tx: Pick<Tx, "query">,
  runs: readonly PackedRun[],
): Promise<ReadonlyMap<string, string>> {
  const keys = runs.flatMap(({ run }) => (run.idempotencyKey === null ? [] : [run.idempotencyKey]));
  if (keys.length === 0) return new Map();
  const { rows } = await tx.query<{ start_key: string; id: string }>(
    "SELECT start_key, id FROM @run WHERE start_key = ANY ($1)",
    [keys],
  );
  return new Map(rows.map(({ start_key: key, id }) => [key, id]));
}

async function insertFresh(
  tx: Tx,
  runs: readonly PackedRun[],
): Promise<ReadonlyMap<string, number>> {
  if (runs.length === 0) return new Map();
  const places = await placeRuns(
    tx,
    runs.map(({ run }) => run),
  );
  const column = <T>(of: (packed: PackedRun) => T): T[] => runs.map(of);
  const { rows } = await tx.query<{ n: number; id: string }>(
    `WITH input AS (
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::float8[], $6::float8[], $7::int[], $8::float8[], $9::text[], $10::text[])
         WITH ORDINALITY AS t (id, flow, plan, priority, place, created_at, seq, wake_at, start_key, body, i)
     ), added AS (
       INSERT INTO @run (id, flow, plan, status, priority, place, created_at, seq, epoch, wake_at, start_key, cost, tokens_in, tokens_out)
       SELECT id, flow, plan, 'queued', priority, place, created_at, seq, 0, wake_at, start_key, 0, 0, 0 FROM input ORDER BY i
       ON CONFLICT DO NOTHING RETURNING n, id
     ), history AS (
       INSERT INTO @batch (run, last_seq, body) SELECT added.n, input.seq, input.body FROM added JOIN input USING (id)
     )
     SELECT n, id FROM added`,
    [
      column(({ run }) => run.run),
      column(({ run }) => run.flow),
      column(({ run }) => run.planHash),
      column(({ run }) => run.priority),
      places,
      column(({ run }) => run.events[0]?.atMs ?? 0),
      column(({ run }) => run.events.at(-1)?.seq ?? 0),
      column(({ run }) => run.wakeAtMs),
      column(({ run }) => run.idempotencyKey),
      column(({ events }) => events.text),
    ],
  );
  return new Map(rows.map(({ n, id }) => [id, n]));
}

async function keepPayloads(
  payloads: PostgresContext["payloads"],
  tx: Tx,
  parts: {
    readonly runs: readonly PackedRun[];
    readonly answers: ReadonlyMap<PackedRun, CreatedRun>;
  },
): Promise<void> {
  const large = parts.runs.filter(
    (packed) => packed.events.payloads.length > 0 && parts.answers.get(packed)?.existing === false,
  );
  if (large.length === 0) return;
  const { rows } = await tx.query<{ n: number; id: string }>(
    "SELECT n, id FROM @run WHERE id = ANY ($1)",
    [large.map(({ run }) => run.run)],
  );
  const numbers = new Map(rows.map(({ n, id }) => [id, n]));
  const uses = large.flatMap(({ run, events }) => {
    const n = numbers.get(run.run);
    if (n === undefined) return [];
    return events.payloads.map((payload) => ({ payload, usedBy: `run/${n}` }));
  });
  await payloads.put(tx, uses);
}
