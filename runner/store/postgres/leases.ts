import { required } from "../../../base/assert.ts";
import type { Machine } from "../../ports/machine.ts";
import type { RunHistory, Store } from "../../ports/store.ts";
import { fewOf } from "./few-rows.ts";
import { historyOfRows, shortHistory } from "../short-history.ts";
import { StandingRounds, type StandingLook } from "../standing-rounds.ts";
import { GroupCommit } from "./group-commit.ts";
import type { PostgresContext } from "./postgres-context.ts";
import type { Rows, Tx } from "./postgres-database.ts";
import { createWatch, held, unowned } from "./watch.ts";
import { runColumns, toHeads, type RunRow } from "./run-rows.ts";

type Owning = Pick<
  Store,
  | "beat"
  | "endSession"
  | "claim"
  | "release"
  | "runnable"
  | "nextWakeAtMs"
  | "unexplained"
  | "backlog"
>;
type Claimed = Awaited<ReturnType<Store["claim"]>>;

interface Claim {
  readonly run: string;
  readonly session: string;
}

/** How long what a look has found out answers the question that nearly always follows it. */
const memoryMs = 50;
/** Sessions that are found dead at once. */
const maxReaped = 100;
/** Taking up so many runs is some milliseconds of work for whoever has claimed them. */
const maxBatch = 128;
/** While the runs of one batch are taken up, the next is claimed. */
const claimLanes = 2;

/** Sessions, one per process, and which of them owns which run. Leases are on the server's clock. */
export function createLeases(
  context: PostgresContext,
  machine: Machine | null,
): Owning & { settled(): Promise<void> } {
  const { database, lastLook } = context;
  const lane = new GroupCommit<Claim, Claimed>({
    max: maxBatch,
    keyOf: ({ run }) => run,
    lanes: claimLanes,
    flush: (batch) => claimAll(context, batch),
  });

  const watch = createWatch(database, machine);
  const reapNow = (gone: readonly string[]): Promise<number> =>
    database.transaction((tx) => reap(tx, gone));

  return {
    async beat(session, ttlMs, mayWaitMs) {
      const gone = await watch.beat(session, ttlMs, mayWaitMs);
      if (gone.length > 0) await reapNow(gone);
    },
    async endSession(session) {
      await database.transaction(async (tx) => {
        // First, so that claims which are under way are waited for, and none follows.
        await tx.query("DELETE FROM @session WHERE id = $1", [session]);
        await tx.query("UPDATE @run SET owner = NULL WHERE owner = $1", [session]);
      });
    },
    claim: (run, session) => lane.submit({ run, session }),
    async release(run, epoch) {
      await database.query("UPDATE @run SET owner = NULL WHERE id = $1 AND epoch = $2", [
        run,
        epoch,
      ]);
    },
    async runnable({ nowMs, limit }) {
      let seen = await watch.look(nowMs, limit);
      if ((seen.stale || seen.gone.length > 0) && (await reapNow(seen.gone)) > 0)
        seen = await watch.look(nowMs, limit);
      const memory = { afterMs: nowMs, atMs: seen.wake_at };
      lastLook.nextWake = memory;
      const forget = (): void => {
        if (lastLook.nextWake === memory) lastLook.nextWake = null;
      };
      setTimeout(forget, memoryMs).unref();
      return seen.runs;
    },
    async nextWakeAtMs(afterMs) {
      const known = lastLook.nextWake;
      lastLook.nextWake = null;
      if (known?.afterMs === afterMs) return known.atMs;
      const { rows } = await database.query<{ wake_at: number | null }>(
        `SELECT min(run.wake_at) AS wake_at FROM @run run WHERE run.wake_at > $1 AND run.wake_at < 'infinity' AND ${unowned}`,
        [afterMs],
      );
      return rows[0]?.wake_at ?? null;
    },
    ...createCounts(database),
    settled: () => lane.settled(),
  };
}

/** How much waits, and what should not. */
function createCounts(
  database: PostgresContext["database"],
): Pick<Store, "backlog" | "unexplained"> {
  const rounds = new StandingRounds(standingLook(database));
  return {
    async backlog(limit) {
      const { rows } = await database.query<{ count: number }>(
        `SELECT count(*)::float8 AS count FROM (
           SELECT 1 FROM @run run WHERE run.owner IS NULL AND run.status IN ('queued', 'running') AND run.status = 'queued'
             AND (run.wake_at IS NULL OR run.wake_at <= @clock)
             AND NOT EXISTS (SELECT 1 FROM @slot_wait w WHERE w.run = run.n AND w.path = '') LIMIT $1) AS waiting`,
        [limit],
      );
      return rows[0]?.count ?? 0;
    },
    unexplained: (limit) => rounds.next(limit),
  };
}

const standing = "run.ended_at IS NULL AND run.status = 'waiting' AND run.wake_at IS NULL";

/** The limits keep PostgreSQL from reading whole tables of what others wait for. */
const alone = `${unowned}
  AND (SELECT i.run FROM @inbox i WHERE i.run = run.n LIMIT 1) IS NULL
  AND (SELECT t.run FROM @task t WHERE t.run = run.n LIMIT 1) IS NULL
  AND (SELECT a.run FROM @awaited a WHERE a.run = run.n AND a.path <> '' LIMIT 1) IS NULL
  AND (SELECT w.run FROM @slot_wait w WHERE w.run = run.n LIMIT 1) IS NULL`;

function standingLook(database: PostgresContext["database"]): StandingLook {
  return {
    async after(n, limit) {
      const { rows } = await database.query<{ n: number; id: string; alone: boolean }>(
        `SELECT run.n, run.id, ${alone} AS alone FROM @run run WHERE ${standing} AND run.n > $1 ORDER BY run.n LIMIT $2`,
        [n, limit],
      );
      const unexplained = rows.flatMap((row) => (row.alone ? [row.id] : []));
      return { seen: rows.length, last: rows.at(-1)?.n ?? 0, unexplained };
    },
    async among(runs) {
      const { rows } = await database.query<{ id: string }>(
        `SELECT run.id FROM @run run WHERE ${standing} AND run.id = ANY ($1) AND ${alone} ORDER BY run.n`,
        [runs],
      );
      return rows.map(({ id }) => id);
    },
  };
}

/**
 * Gives back the runs of sessions whose time is over, or whose processes are `gone`. Who does so holds the session's row: a beat that comes late waits, and then makes a
 * session that owns nothing. A session whose claim is under way is left for the next look.
 */
async function reap(tx: Tx, gone: readonly string[]): Promise<number> {
  const { rows } = await tx.query<{ id: string }>(
    "SELECT id FROM @session WHERE until <= @clock OR id = ANY ($2) ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED",
    [maxReaped, gone],
  );
  if (rows.length === 0) return 0;
  const sessions = rows.map(({ id }) => id);
  await tx.query("UPDATE @run SET owner = NULL WHERE owner = ANY ($1)", [sessions]);
  await tx.query("DELETE FROM @permit WHERE session = ANY ($1)", [sessions]);
  await tx.query("DELETE FROM @session WHERE id = ANY ($1)", [sessions]);
  return sessions.length;
}

interface ClaimedRow extends RunRow {
  readonly has_mail: boolean;
  /** The rows of its history, if they are few. */
  readonly beginning: string | null;
}

const claimedColumns = `${runColumns.replaceAll(/\w+/g, "run.$&")},
  EXISTS (SELECT 1 FROM @inbox i WHERE i.run = run.n) AS has_mail,
  CASE WHEN run.seq <= ${shortHistory} THEN (
    SELECT string_agg(b.body, E'\\x01' ORDER BY b.last_seq) FROM @batch b WHERE b.run = run.n) END AS beginning`;

const wanted = `(SELECT * FROM unnest($1::text[], $2::text[]) AS t (id, session) ${fewOf("$1::text[]")}) t`;

/**
 * Only for sessions that there are, and that nobody ends before the commit: a process may have been killed meanwhile, and a run of
 * a session that is not there would never be given back.
 */
const claimFree = `
WITH here AS MATERIALIZED (
  SELECT id FROM @session WHERE id = ANY ($2) FOR KEY SHARE
), free AS (
  SELECT found.n, t.session FROM (SELECT * FROM ${wanted} WHERE session IN (SELECT id FROM here) OFFSET 0) t, LATERAL (
    SELECT run.n FROM @run run WHERE run.id = t.id AND (run.owner = t.session OR ${unowned}) AND NOT ${held} FOR UPDATE SKIP LOCKED
  ) found
), claimed AS (
  UPDATE @run run SET owner = free.session, epoch = CASE WHEN run.owner = free.session THEN run.epoch ELSE run.epoch + 1 END
  FROM free WHERE run.n = free.n RETURNING ${claimedColumns}
), name AS (
  INSERT INTO @flush VALUES ($3, @clock)
) SELECT * FROM claimed`;

const findClaimed = `SELECT ${claimedColumns} FROM ${wanted} JOIN @run run ON run.id = t.id WHERE run.owner = t.session`;

/** Rows that another claim is at are left to it. Claiming one's own run keeps the epoch. */
async function claimAll(
  { database, payloads }: PostgresContext,
  batch: readonly Claim[],
): Promise<readonly Claimed[]> {
  const values = [batch.map(({ run }) => run), batch.map(({ session }) => session)];
  const rows = await database.statement(
    { text: claimFree, values },
    {
      done: (answer: Rows<ClaimedRow>) => answer.rows,
      // The answer was lost: what is theirs now was claimed then, or before.
      lost: async () => (await database.query<ClaimedRow>(findClaimed, values)).rows,
    },
  );
  const heads = await toHeads(rows, payloads);
  const claimed = new Map(
    rows.map(({ id, has_mail: hasMail, beginning }, index): [string, Claimed] => {
      const head = required(heads[index], "each row has a head");
      const history = (): Promise<RunHistory> =>
        historyOfRows(beginning ?? "[]", (texts) => payloads.unpack(texts));
      const answer = { epoch: head.epoch, head, hasMail };
      return [id, beginning === null ? answer : { ...answer, history }];
    }),
  );
  return batch.map(({ run }) => claimed.get(run) ?? null);
}
