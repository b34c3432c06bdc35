import type { Json } from "../../../plan/expression.ts";
import type { CreatedRun, NewRun } from "../../ports/new-run.ts";
import { headStartMs, spacingMs } from "../fair-places.ts";
import { pack, packSmall } from "../payload.ts";
import { fewOf } from "./few-rows.ts";
import { GroupCommit } from "./group-commit.ts";
import { findByKey, insertRuns, type PackedRun } from "./new-runs.ts";
import type { PostgresContext } from "./postgres-context.ts";
import type { Rows } from "./postgres-database.ts";

/** Runs in one transaction. */
const maxBatch = 300;

/** Creates runs: those that are asked for at the same time share a transaction. */
export class RunCreation {
  private readonly context: PostgresContext;
  private readonly lane: GroupCommit<PackedRun, CreatedRun>;
  /** Runs that stand in lines, or are large: what is to be done about them takes several statements. */
  private readonly carefulLane: GroupCommit<PackedRun, CreatedRun>;

  constructor(context: PostgresContext) {
    this.context = context;
    const { database } = context;
    this.lane = new GroupCommit({
      max: maxBatch,
      keyOf: ({ run }) => run.idempotencyKey ?? run.run,
      flush: (batch) => this.insertPlain(batch),
    });
    this.carefulLane = new GroupCommit({
      max: maxBatch,
      flush: (batch) => database.transaction((tx) => insertRuns(context, tx, batch)),
    });
  }

  async create(run: NewRun): Promise<CreatedRun> {
    const events = packSmall(run.events) ?? (await pack(run.events as unknown as Json));
    const isPlain =
      run.slots === undefined && run.overlap === undefined && events.payloads.length === 0;
    return (isPlain ? this.lane : this.carefulLane).submit({ run, events });
  }

  async settled(): Promise<void> {
    await Promise.all([this.lane.settled(), this.carefulLane.settled()]);
  }

  /** The way nearly all runs come: a single statement, which is a transaction of its own. */
  private async insertPlain(batch: readonly PackedRun[]): Promise<readonly CreatedRun[]> {
    const { database, lastLook } = this.context;
    lastLook.nextWake = null;
    const ids = batch.map(({ run }) => run.run);
    const idsOf = ({ rows }: Rows<{ id: string }>): ReadonlySet<string> =>
      new Set(rows.map(({ id }) => id));
    const added = await database.statement(
      { text: insert, values: valuesOf(batch) },
      {
        done: idsOf,
        // The answer was lost: what is there now was added then.
        lost: async () =>
          idsOf(await database.query("SELECT id FROM @run WHERE id = ANY ($1)", [ids])),
      },
    );
    const others = batch.filter(({ run }) => !added.has(run.run));
    // Somebody has used the key before, or in the same moment, and has committed it by now.
    const existing = await findByKey(database, others);
    return batch.map(({ run: { run, idempotencyKey: key } }) =>
      added.has(run)
        ? { run, existing: false }
        : { run: existing.get(key ?? "") ?? run, existing: true },
    );
  }
}

/**
 * Runs whose idempotency key has a run are left out. Each fairness key gets its turns, as `FairPlaces` says; its row is locked until the
 * commit, so that the next one to create a run of the key waits for these. A run that is not seen yet by others has not been claimed either.
 * The history is joined in full, because few rows are expected, and many would else be compared each with each.
 */
const insert = `
WITH input AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[], $6::float8[], $7::int[], $8::float8[], $9::text[], $10::text[])
    WITH ORDINALITY AS t (id, flow, plan, priority, fair, created_at, seq, wake_at, start_key, body, i) ${fewOf("$1::text[]")}
), fresh AS MATERIALIZED (
  SELECT input.*, count(*) OVER later AS behind, count(*) OVER (PARTITION BY fair) AS runs FROM input
  WHERE start_key IS NULL OR (SELECT n FROM @run run WHERE run.start_key = input.start_key) IS NULL
  WINDOW later AS (PARTITION BY fair ORDER BY i DESC)
), turn AS (
  INSERT INTO @turn AS turn (key, run, at)
  SELECT fair, id, @clock + (runs - 1) * ${spacingMs} FROM fresh WHERE behind = 1 ORDER BY fair
  ON CONFLICT (key) DO UPDATE SET run = excluded.run, at = excluded.at + CASE
    WHEN (SELECT epoch FROM @run run WHERE run.id = turn.run) > 0 THEN 0
    ELSE greatest(0, turn.at + ${spacingMs} - @clock) END
  RETURNING key, at
), added AS (
  INSERT INTO @run (id, flow, plan, status, priority, place, created_at, seq, epoch, wake_at, start_key, cost, tokens_in, tokens_out)
  SELECT id, flow, plan, 'queued', priority, turn.at - (behind - 1) * ${spacingMs} - priority * ${headStartMs}, created_at, seq, 0, wake_at, start_key, 0, 0, 0
  FROM fresh JOIN turn ON turn.key = fair ORDER BY i
  ON CONFLICT DO NOTHING RETURNING n, id
), history AS (
  INSERT INTO @batch (run, last_seq, body) SELECT n, seq, body FROM added FULL JOIN fresh USING (id) WHERE coalesce(n, 0) > 0
), name AS (
  INSERT INTO @flush VALUES ($11, @clock)
) SELECT id FROM added`;

function valuesOf(batch: readonly PackedRun[]): readonly unknown[] {
  return [
    batch.map(({ run }) => run.run),
    batch.map(({ run }) => run.flow),
    batch.map(({ run }) => run.planHash),
    batch.map(({ run }) => run.priority),
    batch.map(({ run }) => run.fairnessKey ?? run.flow),
    batch.map(({ run }) => run.events[0]?.atMs ?? 0),
    batch.map(({ run }) => run.events.at(-1)?.seq ?? 0),
    batch.map(({ run }) => run.wakeAtMs),
    batch.map(({ run }) => run.idempotencyKey),
    batch.map(({ events }) => events.text),
  ];
}
