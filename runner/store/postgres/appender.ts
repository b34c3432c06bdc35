import type { AppendEntry, AppendResult } from "../../ports/store.ts";
import { packEntry, packEntrySmall, type PackedEntry } from "../entry-packing.ts";
import { writeExtras, type Written } from "./entry-extras.ts";
import { GroupCommit } from "./group-commit.ts";
import { fewOf } from "./few-rows.ts";
import type { PostgresContext } from "./postgres-context.ts";
import type { PostgresDatabase, Rows, Tx } from "./postgres-database.ts";

/** Entries in one transaction. */
const maxBatch = 300;
/** While one transaction is being written to disk, the next is prepared. */
const lanes = 2;

/** Appends entries: those of many runs share a transaction, and each stands or falls alone. */
export class Appender {
  private readonly context: PostgresContext;
  private readonly lane: GroupCommit<PackedEntry, AppendResult>;
  /** Entries with large values go their own way, so that nobody waits while they are sent. */
  private readonly heavyLane: GroupCommit<PackedEntry, AppendResult>;

  constructor(context: PostgresContext, onFlush: (entries: number) => void) {
    this.context = context;
    const flush = async (batch: readonly PackedEntry[]): Promise<readonly AppendResult[]> => {
      const { database } = this.context;
      const results = batch.every(isPlain)
        ? await this.writePlain(batch)
        : await database.transaction((tx) => this.write(tx, batch));
      onFlush(batch.length);
      return results;
    };
    const keyOf = ({ entry }: PackedEntry): string => entry.run;
    this.lane = new GroupCommit({ flush, keyOf, max: maxBatch, lanes });
    this.heavyLane = new GroupCommit({ flush, keyOf, max: 1 });
  }

  append(entry: AppendEntry): Promise<AppendResult> {
    const small = packEntrySmall(entry);
    if (small !== undefined) return this.lane.submit(small);
    return packEntry(entry).then((packed) => {
      const heavy = packed.events.payloads.length > 0 || (packed.output?.payloads.length ?? 0) > 0;
      return (heavy ? this.heavyLane : this.lane).submit(packed);
    });
  }

  async settled(): Promise<void> {
    await Promise.all([this.lane.settled(), this.heavyLane.settled()]);
  }

  /** The way nearly all entries go: a single statement, which is a transaction of its own. */
  private async writePlain(batch: readonly PackedEntry[]): Promise<readonly AppendResult[]> {
    this.context.lastLook.nextWake = null;
    const { database } = this.context;
    const ends = batch.some(({ entry }) => entry.head.ended !== undefined);
    const numbers = await database.statement(
      { text: ends ? writeEndsAndName : writeAndName, values: valuesOf(batch) },
      {
        done: ({ rows }: Rows<HeadRow>) => numbersOf(rows),
        // Its answer was lost: who still has the run and is that far has written what he wanted to.
        lost: () => findWritten(database, batch),
      },
    );
    if (numbers.size === batch.length) return batch.map(() => taken);
    const refused = batch.flatMap(({ entry }, index) => (numbers.has(index) ? [] : [entry]));
    const reasons = await explain(database, refused);
    return batch.map(({ entry }, index): AppendResult =>
      numbers.has(index) ? taken : (reasons.get(entry) ?? { kind: "fenced" }),
    );
  }

  private async write(tx: Tx, batch: readonly PackedEntry[]): Promise<readonly AppendResult[]> {
    this.context.lastLook.nextWake = null;
    const numbers = await writeHeads(tx, batch);
    const written = batch.flatMap((packed, index): Written[] => {
      const n = numbers.get(index);
      return n === undefined ? [] : [{ n, packed, index }];
    });
    const delivered = await writeExtras(this.context, tx, written);
    const refused = batch.flatMap(({ entry }, index) => (numbers.has(index) ? [] : [entry]));
    const reasons = await explain(tx, refused);
    return batch.map(({ entry }, index): AppendResult =>
      numbers.has(index)
        ? { kind: "ok", delivered: delivered.get(index) ?? [] }
        : (reasons.get(entry) ?? { kind: "fenced" }),
    );
  }
}

const taken: AppendResult = { kind: "ok", delivered: [] };

/** Whether there is nothing in it but events and the head, nor a large value. */
function isPlain({ entry, rich, events, output, error }: PackedEntry): boolean {
  return (
    !rich &&
    entry.taken === undefined &&
    entry.tasks === undefined &&
    entry.waits === undefined &&
    entry.slots === undefined &&
    entry.publish === undefined &&
    entry.usage === undefined &&
    events.payloads.length === 0 &&
    (output?.payloads.length ?? 0) === 0 &&
    (error?.payloads.length ?? 0) === 0
  );
}

/**
 * Each head changes only if the writer is its owner and knows its end; a row of the history follows from each change. Lists of text
 * go as one text with a separator that JSON never contains, which both sides read faster than an array.
 */
const write = `
WITH alive AS MATERIALIZED (
  SELECT id FROM @session WHERE until > @clock
), input AS (
  SELECT * FROM unnest(
    string_to_array($1, E'\\x01'), $2::int[], $3::int[], $4::int[], string_to_array($5, E'\\x01'), $6::float8[], $7::text[], $8::float8[],
    $9::bigint[], $10::bigint[], $11::text[], $12::bool[], $13::float8[], $14::text[], $15::text[], string_to_array($16, E'\\x01'))
  WITH ORDINALITY AS t (id, epoch, expected, last_seq, status, wake_at, waits_for, cost, tokens_in, tokens_out, plan, gives, ended_at, output, error, body, i)
  ${fewOf("$2::int[]")}
), done AS (
  UPDATE @run run SET
    seq = input.last_seq, status = input.status, wake_at = input.wake_at, waits_for = input.waits_for, cost = coalesce(input.cost, 0),
    tokens_in = coalesce(input.tokens_in, 0), tokens_out = coalesce(input.tokens_out, 0), plan = coalesce(input.plan, run.plan), ended_at = input.ended_at,
    output = input.output, error = input.error, owner = CASE WHEN input.gives THEN NULL ELSE run.owner END
  FROM input
  WHERE run.id = input.id AND run.epoch = input.epoch AND run.seq = input.expected AND run.owner IN (SELECT id FROM alive)
  RETURNING run.n, input.i, input.last_seq, input.expected, input.body, input.ended_at
), history AS (
  INSERT INTO @batch (run, last_seq, body) SELECT n, last_seq, body FROM done WHERE last_seq > expected
)`;

const numbersWritten = "SELECT n, i FROM done";

const writeInTransaction = `${write} ${numbersWritten}`;

/** And the name of the flush. */
const writeAndName = `${write}, name AS (
  INSERT INTO @flush VALUES ($17, @clock)
) ${numbersWritten}`;

/** What a run leaves behind goes with its end. */
const writeEndsAndName = writeAndName.replace(
  ", name AS",
  `, ended AS (
  SELECT n FROM done WHERE ended_at IS NOT NULL
), ${["task", "awaited", "slot", "slot_wait", "inbox"]
    .map((table) => `no_${table} AS (DELETE FROM @${table} USING ended WHERE run = ended.n)`)
    .join(", ")}, name AS`,
);

interface HeadRow {
  readonly n: number;
  readonly i: number;
}

/** The numbers of the runs that took their entries, by place in the batch. */
async function writeHeads(
  tx: Tx,
  batch: readonly PackedEntry[],
): Promise<ReadonlyMap<number, number>> {
  const { rows } = await tx.query<HeadRow>(writeInTransaction, valuesOf(batch));
  return numbersOf(rows);
}

function numbersOf(rows: readonly HeadRow[]): ReadonlyMap<number, number> {
  return new Map(rows.map(({ n, i }) => [i - 1, n]));
}

/** The same for entries that are known to have been written, as far as they were taken. */
async function findWritten(
  database: PostgresDatabase,
  batch: readonly PackedEntry[],
): Promise<ReadonlyMap<number, number>> {
  const { rows } = await database.query<HeadRow>(
    `SELECT run.n, t.i FROM unnest($1::text[], $2::int[], $3::int[]) WITH ORDINALITY AS t (id, epoch, last_seq, i)
     JOIN @run run ON run.id = t.id WHERE run.epoch = t.epoch AND run.seq >= t.last_seq`,
    [
      batch.map(({ entry }) => entry.run),
      batch.map(({ entry }) => entry.epoch),
      batch.map(({ entry }) => entry.events.at(-1)?.seq ?? entry.expectedSeq),
    ],
  );
  return numbersOf(rows);
}

function valuesOf(batch: readonly PackedEntry[]): readonly unknown[] {
  const heads = batch.map(({ entry }) => entry.head);
  const text = (values: readonly string[]): string => values.join("\x01");
  return [
    text(batch.map(({ entry }) => entry.run)),
    batch.map(({ entry }) => entry.epoch),
    batch.map(({ entry }) => entry.expectedSeq),
    batch.map(({ entry }) => entry.events.at(-1)?.seq ?? entry.expectedSeq),
    text(heads.map(({ status }) => status)),
    orNone(heads.map(({ wakeAtMs, ended }) => (ended === undefined ? wakeAtMs : null))),
    orNone(heads.map(({ waitsFor, ended }) => (ended === undefined ? waitsFor : null))),
    orNone(heads.map(({ cost }) => cost || null)),
    orNone(heads.map(({ tokensIn }) => tokensIn || null)),
    orNone(heads.map(({ tokensOut }) => tokensOut || null)),
    orNone(heads.map(({ planHash }) => planHash ?? null)),
    orNone(heads.map(({ release, ended }) => release === true || ended !== undefined || null)),
    orNone(heads.map(({ ended }) => ended?.atMs ?? null)),
    orNone(batch.map(({ output }) => output?.text ?? null)),
    orNone(batch.map(({ error }) => error?.text ?? null)),
    text(batch.map(({ events }) => events.text)),
  ];
}

/** A list that is shorter than the others goes on with nulls, so one of nulls only need not be written or read. */
function orNone<T>(values: readonly (T | null)[]): readonly (T | null)[] | null {
  return values.some((value) => value !== null) ? values : null;
}

/** Why entries were not taken. */
async function explain(
  tx: Pick<Tx, "query">,
  refused: readonly AppendEntry[],
): Promise<ReadonlyMap<AppendEntry, AppendResult>> {
  if (refused.length === 0) return new Map();
  const { rows } = await tx.query<{ id: string; epoch: number; seq: number }>(
    "SELECT id, epoch, seq FROM @run WHERE id = ANY ($1) AND owner IN (SELECT id FROM @session WHERE until > @clock)",
    [refused.map(({ run }) => run)],
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  return new Map(
    refused.map((entry): [AppendEntry, AppendResult] => {
      const row = found.get(entry.run);
      return row === undefined || row.epoch !== entry.epoch
        ? [entry, { kind: "fenced" }]
        : [entry, { kind: "conflict", seq: row.seq }];
    }),
  );
}
