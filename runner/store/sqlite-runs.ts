import type { Json } from "../../plan/expression.ts";
import type { ErrorValue } from "../../plan/history.ts";
import type { CreatedRun, NewRun } from "../ports/new-run.ts";
import type { RunFilter, RunHead } from "../ports/store.ts";
import { FairPlaces } from "./fair-places.ts";
import { freshHead } from "./fresh-head.ts";
import type { SlotLines } from "./sqlite-slots.ts";
import type { SqliteContext } from "./sqlite-context.ts";
import type { Column, SqliteDatabase } from "./sqlite-database.ts";
import { hasReferences as isLarge, type Packed } from "./payload.ts";
import type { PayloadTable } from "./sqlite-payload.ts";

export interface RunRow {
  readonly n: number;
  readonly id: string;
  readonly flow: string;
  readonly plan: string;
  readonly status: RunHead["status"];
  readonly priority: number;
  readonly created_at: number;
  readonly ended_at: number | null;
  readonly epoch: number;
  readonly owner: string | null;
  readonly wake_at: number | null;
  readonly waits_for: string | null;
  readonly output: string | null;
  readonly error: string | null;
  readonly last_seq: number;
  readonly cost: number;
  readonly tokens_in: number;
  readonly tokens_out: number;
}

/** The newest row of the history holds how far a run is. */
const selectRun = `
  SELECT run.*, batch.last_seq, batch.cost, batch.tokens_in, batch.tokens_out
  FROM run JOIN batch ON batch.id = (SELECT id FROM batch WHERE batch.run = run.n ORDER BY last_seq DESC LIMIT 1)`;

export function toHead(row: RunRow): RunHead {
  return {
    run: row.id,
    flow: row.flow,
    planHash: row.plan,
    status: row.status === "queued" && row.owner !== null ? "running" : row.status,
    priority: row.priority,
    createdAtMs: row.created_at,
    endedAtMs: row.ended_at,
    seq: row.last_seq,
    epoch: row.epoch,
    owner: row.owner,
    wakeAtMs: row.wake_at,
    waitsFor: row.waits_for,
    // A large one is filled in by whoever shows it.
    error: row.error === null || isLarge(row.error) ? null : (JSON.parse(row.error) as ErrorValue),
    cost: row.cost,
    tokensIn: row.tokens_in,
    tokensOut: row.tokens_out,
  };
}

/** Within a flush: adds a run, unless its key has one or its `overlap` forbids it. */
export type InsertRun = (run: NewRun, events: Packed) => CreatedRun;

export function createRunInserter(
  context: Pick<SqliteContext, "database" | "history" | "fresh" | "now" | "ownership">,
  lines: SlotLines,
): InsertRun {
  const { database, history, fresh, ownership } = context;
  const byKey = database.prepare<{ id: string }>("SELECT id FROM run WHERE start_key = ?");
  const unclaimed = database.prepare("SELECT 1 FROM run WHERE id = ? AND epoch = 0");
  const places = new FairPlaces(
    (run) => ownership.get(run) === undefined && unclaimed.get([run]) !== undefined,
  );
  const insert = database.prepare<{ n: number }>(
    "INSERT INTO run (id, flow, plan, status, priority, place, created_at, epoch, wake_at, start_key) VALUES (?, ?, ?, 'queued', ?, ?, ?, 0, ?, ?) RETURNING n",
  );
  return (run, events) => {
    const found = run.idempotencyKey === null ? undefined : byKey.get([run.idempotencyKey]);
    if (found !== undefined) return { run: found.id, existing: true };
    if (!lines.makeRoom(run)) return { run: run.run, existing: false, skipped: true };
    const createdAtMs = run.events[0]?.atMs ?? 0;
    const { priority, fairnessKey: key = run.flow } = run;
    const parameters: Column[] = [
      run.run,
      run.flow,
      run.planHash,
      priority,
      places.place({ run: run.run, key, priority, nowMs: context.now() }),
      createdAtMs,
      run.wakeAtMs,
      run.idempotencyKey,
    ];
    const n = insert.get(parameters)?.n ?? 0;
    const lastSeq = run.events.at(-1)?.seq ?? 0;
    history.add({ run: n, lastSeq, cost: 0, tokensIn: 0, tokensOut: 0, events });
    // One whose time has not come holds nobody up.
    if (run.slots !== undefined && run.wakeAtMs === null) lines.join(n, run.slots);
    if (fresh.size >= maxFresh) fresh.clear();
    fresh.set(run.run, { n, head: freshHead(run) });
    return { run: run.run, existing: false };
  };
}

const maxFresh = 10_000;

export interface RunReader {
  row(run: string): RunRow | undefined;
  startedWith(idempotencyKey: string): string | null;
  head(run: string): Promise<RunHead | null>;
  list(filter: RunFilter): Promise<readonly RunHead[]>;
  output(run: string): Promise<Json>;
}

export function createRunReader(parts: {
  readonly database: SqliteDatabase;
  readonly payloads: PayloadTable;
  /** Writes the history that the current flush has collected, so that a read within it sees its own writes. */
  readonly writeHistory: () => void;
}): RunReader {
  const { database, payloads } = parts;
  const byId = database.prepare<RunRow>(`${selectRun} WHERE run.id = ?`);
  const row = (run: string): RunRow | undefined => {
    parts.writeHistory();
    return byId.get([run]);
  };
  const withError = async (found: RunRow): Promise<RunHead> => {
    const head = toHead(found);
    if (found.error === null || head.error !== null) return head;
    return { ...head, error: (await payloads.unpack(found.error)) as unknown as ErrorValue };
  };
  const byKey = database.prepare<{ id: string }>("SELECT id FROM run WHERE start_key = ?");
  return {
    row,
    startedWith: (idempotencyKey) => byKey.get([idempotencyKey])?.id ?? null,
    async head(run) {
      const found = row(run);
      return found === undefined ? null : withError(found);
    },
    async output(run) {
      const text = row(run)?.output ?? null;
      return text === null ? null : payloads.unpack(text);
    },
    async list(filter) {
      parts.writeHistory();
      const { text, parameters } = listQuery(filter);
      const rows = database.prepare<RunRow>(text).all(parameters);
      return Promise.all(rows.map(withError));
    },
  };
}

/** A run that is queued and owned goes on already: nobody writes that down until it does something else. */
const isActive = "status IN ('queued', 'running')";
/** Few of many runs are in these: their flow says less about them. */
const rare: ReadonlySet<string> = new Set(["failed", "cancelled", "paused"]);

/** Each status is looked for by an index of its own, newest first, so that a list costs what it shows and not what there is. */
function listQuery({ status, flow, before, limit = 100 }: RunFilter): {
  readonly text: string;
  readonly parameters: readonly Column[];
} {
  const parameters: Column[] = [];
  const numbers = (condition: string, { from = "run", plus = "" } = {}): string => {
    const conditions = [condition];
    if (flow !== undefined) {
      conditions.push(`${plus}flow = ?`);
      parameters.push(flow);
    }
    if (before !== undefined) {
      conditions.push("n < (SELECT n FROM run WHERE id = ?)");
      parameters.push(before);
    }
    parameters.push(limit);
    return `SELECT * FROM (SELECT n FROM ${from} WHERE ${conditions.join(" AND ")} ORDER BY n DESC LIMIT ?)`;
  };
  const ofStatus = (wanted: RunHead["status"]): string => {
    const from = "run INDEXED BY run_active";
    if (wanted === "queued")
      return numbers(`${isActive} AND status = 'queued' AND owner IS NULL`, { from });
    if (wanted === "running")
      return numbers(`${isActive} AND (status = 'running' OR owner IS NOT NULL)`, { from });
    parameters.push(wanted);
    const plus = rare.has(wanted) ? "+" : "";
    return numbers("status = ? AND status NOT IN ('queued', 'running')", { plus });
  };
  const found =
    status === undefined
      ? numbers("status <> 'purged'")
      : [...new Set(status)].map(ofStatus).join(" UNION ALL ") || "SELECT 0";
  parameters.push(limit);
  return {
    text: `${selectRun} WHERE run.n IN (${found}) ORDER BY run.n DESC LIMIT ?`,
    parameters,
  };
}
