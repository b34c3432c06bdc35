import type { Json } from "../../../plan/expression.ts";
import type { ErrorValue, RunEvent } from "../../../plan/history.ts";
import type { RunFilter, RunHead, RunHistory, Store } from "../../ports/store.ts";
import { GroupCommit } from "./group-commit.ts";
import type { PostgresContext } from "./postgres-context.ts";
import type { Payloads } from "./payloads.ts";

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
  readonly error: string | null;
  readonly seq: number;
  readonly cost: number;
  readonly tokens_in: number;
  readonly tokens_out: number;
}

export const runColumns = [
  "n, id, flow, plan, status, priority, created_at, ended_at, epoch, owner, wake_at, waits_for",
  "error, seq, cost, tokens_in, tokens_out",
].join(", ");

export async function toHeads(
  rows: readonly RunRow[],
  payloads: Payloads,
): Promise<readonly RunHead[]> {
  const errors = await payloads.unpack(rows.map(({ error }) => error ?? "null"));
  return rows.map((row, index) => toHead(row, errors[index] ?? null));
}

function toHead(row: RunRow, error: Json): RunHead {
  return {
    run: row.id,
    flow: row.flow,
    planHash: row.plan,
    status: row.status === "queued" && row.owner !== null ? "running" : row.status,
    priority: row.priority,
    createdAtMs: row.created_at,
    endedAtMs: row.ended_at,
    seq: row.seq,
    epoch: row.epoch,
    owner: row.owner,
    wakeAtMs: row.wake_at,
    waitsFor: row.waits_for,
    error: error as unknown as ErrorValue | null,
    cost: row.cost,
    tokensIn: row.tokens_in,
    tokensOut: row.tokens_out,
  };
}

type Reading = Pick<
  Store,
  "startedWith" | "head" | "list" | "output" | "events" | "snapshot" | "load"
>;

/** What is read of runs. */
export function createRunReader({ database, payloads }: PostgresContext): Reading {
  // Whoever waits for runs that end together reads their heads at the same time.
  const heads = new GroupCommit<string, RunHead | null>({
    max: 500,
    lanes: 2,
    async flush(runs) {
      const { rows } = await database.query<RunRow>(
        `SELECT ${runColumns} FROM @run WHERE id = ANY ($1)`,
        [runs],
      );
      const found = new Map((await toHeads(rows, payloads)).map((head) => [head.run, head]));
      return runs.map((run) => found.get(run) ?? null);
    },
  });
  // So do the workers with the runs that they have claimed together.
  const histories = new GroupCommit<string, RunHistory>({
    max: 100,
    lanes: 2,
    flush: (runs) => loadAll({ database, payloads }, runs),
  });
  return {
    async startedWith(idempotencyKey) {
      const { rows } = await database.query<{ id: string }>(
        "SELECT id FROM @run WHERE start_key = $1",
        [idempotencyKey],
      );
      return rows[0]?.id ?? null;
    },
    head: (run) => heads.submit(run),
    load: (run) => histories.submit(run),
    async list(filter) {
      const { text, values } = listQuery(filter);
      return toHeads((await database.query<RunRow>(text, values)).rows, payloads);
    },
    async output(run) {
      const { rows } = await database.query<{ output: string | null }>(
        "SELECT output FROM @run WHERE id = $1",
        [run],
      );
      const [value = null] = await payloads.unpack([rows[0]?.output ?? "null"]);
      return value;
    },
    async events(run, { afterSeq, limit = 2 ** 31 - 1 }) {
      const events: RunEvent[] = [];
      // A row holds at least one event, so as many rows as events are always enough.
      const { rows } = await database.query<{ body: string }>(
        "SELECT body FROM @batch WHERE run = (SELECT n FROM @run WHERE id = $1) AND last_seq > $2 ORDER BY last_seq LIMIT $3",
        [run, afterSeq, limit],
      );
      const bodies = await payloads.unpack(rows.map(({ body }) => body));
      for (const body of bodies) {
        for (const event of body as unknown as readonly RunEvent[])
          if (event.seq > afterSeq && events.length < limit) events.push(event);
      }
      return events;
    },
    async snapshot(run) {
      const { rows } = await database.query<{ seq: number; state: string }>(
        "SELECT seq, state FROM @snapshot WHERE run = (SELECT n FROM @run WHERE id = $1)",
        [run],
      );
      const [row] = rows;
      if (row === undefined) return null;
      const [state = null] = await payloads.unpack([row.state]);
      return { seq: row.seq, state };
    },
  };
}

/** Rows of a tail that are read at once; each holds at least one event. */
const tailAtOnce = 4_096;

/** Histories are read from their snapshots on; only the first row of each is needed besides. */
async function loadAll(
  { database, payloads }: Pick<PostgresContext, "database" | "payloads">,
  runs: readonly string[],
): Promise<readonly RunHistory[]> {
  const { rows } = await database.query<HistoryRow>(
    `SELECT run.id, b.last_seq, b.body, s.seq AS snapshot_seq, CASE WHEN b.first THEN s.state END AS state
     FROM @run run LEFT JOIN @snapshot s ON s.run = run.n, LATERAL (
       SELECT last_seq, body, row_number() OVER (ORDER BY last_seq) = 1 AS first FROM (
         (SELECT last_seq, body FROM @batch WHERE run = run.n ORDER BY last_seq LIMIT 1)
         UNION
         (SELECT last_seq, body FROM @batch WHERE run = run.n AND last_seq > coalesce(s.seq, 0) ORDER BY last_seq LIMIT ${tailAtOnce})) AS parts
     ) b
     WHERE run.id = ANY ($1) ORDER BY run.id, b.last_seq`,
    [runs],
  );
  const bodies = await payloads.unpack(rows.map(({ body }) => body));
  const states = await payloads.unpack(rows.map(({ state }) => state ?? "null"));
  const found = new Map<string, RunHistory & { readonly tail: RunEvent[] }>();
  for (const [index, { id, snapshot_seq: seq }] of rows.entries()) {
    const events = bodies[index] as unknown as readonly RunEvent[];
    const known = found.get(id);
    const history = known ?? {
      created: events[0] ?? null,
      snapshot: seq === null ? null : { seq, state: states[index] ?? null },
      tail: [],
    };
    found.set(id, history);
    for (const event of events) if (event.seq > (seq ?? 0)) history.tail.push(event);
  }
  return runs.map((run) => found.get(run) ?? { created: null, snapshot: null, tail: [] });
}

interface HistoryRow {
  readonly id: string;
  readonly last_seq: number;
  readonly body: string;
  readonly snapshot_seq: number | null;
  readonly state: string | null;
}

/** Each status is looked for by an index of its own, newest first, so that a list costs what it shows and not what there is. */
function listQuery({ status, flow, before, limit = 100 }: RunFilter): {
  readonly text: string;
  readonly values: readonly unknown[];
} {
  const values: unknown[] = [limit];
  let others = "";
  if (flow !== undefined) others += ` AND flow = $${values.push(flow)}`;
  if (before !== undefined)
    others += ` AND n < (SELECT n FROM @run WHERE id = $${values.push(before)})`;
  const latest = "ORDER BY n DESC LIMIT $1";
  const found = [...new Set(status ?? [])].flatMap((wanted) =>
    shownAs(wanted, () => `$${values.push(wanted)}`).map(
      (condition) => `(SELECT ${runColumns} FROM @run WHERE ${condition}${others} ${latest})`,
    ),
  );
  const text =
    status === undefined || found.length === 0
      ? `SELECT ${runColumns} FROM @run WHERE ${status === undefined} AND status <> 'purged'${others} ${latest}`
      : `SELECT * FROM (${found.join(" UNION ALL ")}) AS found ${latest}`;
  return { text, values };
}

/** A run that is queued and owned goes on already: nobody writes that down until it does something else. */
function shownAs(status: RunHead["status"], place: () => string): readonly string[] {
  const isActive = "status IN ('queued', 'running')";
  if (status === "queued") return [`owner IS NULL AND status = 'queued' AND ${isActive}`];
  if (status === "running")
    return [
      `owner IS NOT NULL AND ${isActive}`,
      `owner IS NULL AND status = 'running' AND ${isActive}`,
    ];
  return [`status = ${place()} AND status NOT IN ('queued', 'running')`];
}
