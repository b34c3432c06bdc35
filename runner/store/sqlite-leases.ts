import type { ClaimedRun } from "../ports/store.ts";
import type { SqliteContext } from "./sqlite-context.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import { historyOfRows, shortHistory } from "./short-history.ts";
import { StandingRounds, type StandingRuns } from "./standing-rounds.ts";
import { toHead, type RunReader } from "./sqlite-runs.ts";

/** A run whose owner is alive is left alone; `?` is the store's time. */
const unowned =
  "(owner IS NULL OR NOT EXISTS (SELECT 1 FROM session WHERE session.id = run.owner AND session.until > ?))";

/** An operator has stopped its flow, or all of them. */
const held = "EXISTS (SELECT 1 FROM hold WHERE hold.flow IS NULL OR hold.flow = run.flow)";

const free = `${unowned} AND NOT ${held}`;

const findActive = `SELECT n, id, place FROM run WHERE status IN ('queued', 'running') AND ${free}
     AND (wake_at IS NULL OR wake_at <= ? OR status = 'running')
     AND NOT EXISTS (SELECT 1 FROM slot_wait WHERE slot_wait.run = run.n AND slot_wait.path = '')
   ORDER BY place, n LIMIT ?`;

const findDue = `SELECT n, id, place FROM run
   WHERE wake_at <= ? AND status NOT IN ('queued', 'running') AND ${free} ORDER BY wake_at LIMIT ?`;

const findAddressed = `SELECT n, id, place FROM run WHERE n IN (SELECT run FROM inbox) AND ${free} LIMIT ?`;

const blocked = `((SELECT count(*) FROM slot WHERE slot.key = mine.key) >= mine.slots
         OR EXISTS (SELECT 1 FROM slot_wait other WHERE other.key = mine.key AND other.n < mine.n))`;

/** First in every line it stands in, and each of these lines has a free slot; or one of its calls is first in a line that has. */
const findAdmissible = `SELECT n, id, place FROM run WHERE n IN (SELECT run FROM slot_wait) AND ${free}
     AND CASE WHEN EXISTS (SELECT 1 FROM slot_wait mine WHERE mine.run = run.n AND mine.path = '')
       THEN NOT EXISTS (SELECT 1 FROM slot_wait mine WHERE mine.run = run.n AND mine.path = '' AND ${blocked})
       ELSE EXISTS (SELECT 1 FROM slot_wait mine WHERE mine.run = run.n AND NOT ${blocked}) END
   LIMIT ?`;

const countBacklog = `SELECT count(*) AS count FROM (
   SELECT 1 FROM run WHERE status IN ('queued', 'running') AND status = 'queued' AND ${unowned}
     AND (wake_at IS NULL OR wake_at <= ?) AND NOT EXISTS (SELECT 1 FROM slot_wait WHERE slot_wait.run = run.n AND slot_wait.path = '') LIMIT ?)`;

const standing = "ended_at IS NULL AND status = 'waiting' AND wake_at IS NULL";

/** Neither going on, nor able to, nor waiting for anything. */
const alone = `${unowned}
     AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.run = run.n)
     AND NOT EXISTS (SELECT 1 FROM task WHERE task.run = run.n)
     AND NOT EXISTS (SELECT 1 FROM awaited WHERE awaited.run = run.n AND awaited.path <> '')
     AND NOT EXISTS (SELECT 1 FROM slot_wait WHERE slot_wait.run = run.n)`;

const findStanding = `SELECT n, id, ${alone} AS alone FROM run WHERE ${standing} AND n > ? ORDER BY n LIMIT ?`;

const findUnexplained = `SELECT id FROM run WHERE ${standing} AND id = ? AND ${alone}`;

interface Candidate {
  readonly n: number;
  readonly id: string;
  readonly place: number;
}

type Claimed = ClaimedRun | null;

/** Sessions, and which of them owns which run. What writes runs within a flush. */
export class Leases {
  private readonly context: SqliteContext;
  private readonly reader: RunReader;
  private readonly rounds: StandingRounds;
  private readonly isGone: (session: string) => boolean;
  private readonly sql: ReturnType<typeof prepare>;

  constructor(context: SqliteContext, reader: RunReader, isGone: (session: string) => boolean) {
    this.context = context;
    this.reader = reader;
    this.isGone = isGone;
    this.sql = prepare(context.database);
    const { unexplained } = this.sql;
    this.rounds = new StandingRounds({
      after: async (n, limit) => this.standingAfter(n, limit),
      among: async (runs) =>
        runs.filter((run) => unexplained.get([run, context.now()]) !== undefined),
    });
  }

  beat(session: string, ttlMs: number): void {
    const untilMs = this.context.now() + ttlMs;
    this.sql.beat.run([session, untilMs]);
    this.context.ownership.lives(session, untilMs);
  }

  /** A run whose owner has no session is nobody's, so the runs need not be touched. */
  endSession(session: string): void {
    this.sql.forgetThefts.run([session]);
    this.sql.endSession.run([session]);
    this.context.ownership.lives(session, 0);
  }

  /** Live sessions whose processes are known to be gone. */
  gone(): readonly string[] {
    const living = this.sql.living.all([this.context.now()]);
    return living.flatMap(({ id }) => (this.isGone(id) ? [id] : []));
  }

  /** Their leases are free at once. */
  expire(sessions: readonly string[]): void {
    for (const session of sessions) {
      this.sql.expire.run([session]);
      this.context.ownership.lives(session, 0);
    }
  }

  claim(run: string, session: string): Claimed {
    const anyHeld = this.sql.anyHeld.get() !== undefined;
    const fresh = anyHeld ? null : this.claimFresh(run, session);
    if (fresh !== null) return fresh;
    const row = this.reader.row(run);
    if (row === undefined || (anyHeld && this.sql.isHeld.get([row.flow]) !== undefined))
      return null;
    let { epoch } = row;
    if (row.owner !== session) {
      if (row.owner !== null && !this.takeFrom(row.owner, row.n)) return null;
      epoch += 1;
      this.sql.own.run([session, epoch, row.n]);
    }
    const { n, last_seq: seq, status, wake_at: wakeAtMs, waits_for: waitsFor } = row;
    this.context.ownership.set(run, { n, session, epoch, seq, status, wakeAtMs, waitsFor });
    const head = toHead({ ...row, owner: session, epoch });
    const claimed = { epoch, head, hasMail: this.sql.hasMail.get([n]) !== undefined };
    const rows = seq <= shortHistory ? this.sql.history.get([n])?.rows : undefined;
    if (rows === undefined) return claimed;
    const { unpackAll } = this.context.payloads;
    return { ...claimed, history: () => historyOfRows(rows, unpackAll) };
  }

  release(run: string, epoch: number): void {
    this.context.ownership.forget(run);
    this.sql.release.run([run, epoch]);
  }

  /** Reads only. */
  runnable({
    nowMs,
    limit,
  }: {
    readonly nowMs: number;
    readonly limit: number;
  }): readonly string[] {
    const time = this.context.now();
    const { addressed, due, admissible, active } = this.sql;
    const lists = [
      addressed.all([time, limit]),
      due.all([nowMs, time, limit]),
      admissible.all([time, limit]),
      active.all([time, nowMs, limit]),
    ];
    const found = new Map(lists.flat().map((candidate) => [candidate.id, candidate]));
    const ordered = [...found.values()].sort((a, b) => a.place - b.place || a.n - b.n);
    return ordered.slice(0, limit).map((candidate) => candidate.id);
  }

  /** Reads only. */
  nextWakeAtMs(afterMs: number): number | null {
    return this.sql.nextWake.get([afterMs, this.context.now()])?.wake_at ?? null;
  }

  /** Reads only. */
  backlog(limit: number): number {
    const now = this.context.now();
    return this.sql.backlog.get([now, now, limit])?.count ?? 0;
  }

  /** Reads only. */
  unexplained(limit: number): Promise<readonly string[]> {
    return this.rounds.next(limit);
  }

  private standingAfter(n: number, limit: number): StandingRuns {
    const rows = this.sql.standing.all([this.context.now(), n, limit]);
    const unexplained = rows.flatMap((row) => (row.alone === 1 ? [row.id] : []));
    return { seen: rows.length, last: rows.at(-1)?.n ?? 0, unexplained };
  }

  /** A run that was created here and nobody has claimed since is known without reading it. */
  private claimFresh(run: string, session: string): Claimed {
    const { fresh: known, ownership } = this.context;
    const fresh = known.get(run);
    known.delete(run);
    if (fresh === undefined || this.sql.ownFresh.run([session, fresh.n]).changes !== 1) return null;
    const { n, head } = fresh;
    const { seq, wakeAtMs } = head;
    ownership.set(run, { n, session, epoch: 1, seq, status: "queued", wakeAtMs, waitsFor: null });
    const owned = { ...head, owner: session, epoch: 1, status: "running" } as const;
    return { epoch: 1, head: owned, hasMail: this.sql.hasMail.get([n]) !== undefined };
  }

  /** False when the owner is alive. */
  private takeFrom(owner: string, n: number): boolean {
    const { alive, steal, countTheft } = this.sql;
    if (alive.get([owner, this.context.now()]) !== undefined && !this.isGone(owner)) return false;
    steal.run([owner, n]);
    countTheft.run([owner]);
    return true;
  }
}

function prepare(database: SqliteDatabase) {
  return {
    beat: database.prepare(
      "INSERT INTO session (id, until) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET until = excluded.until",
    ),
    endSession: database.prepare("DELETE FROM session WHERE id = ?"),
    forgetThefts: database.prepare("DELETE FROM stolen WHERE session = ?"),
    alive: database.prepare("SELECT 1 FROM session WHERE id = ? AND until > ?"),
    living: database.prepare<{ id: string }>("SELECT id FROM session WHERE until > ?"),
    expire: database.prepare("UPDATE session SET until = 0 WHERE id = ?"),
    steal: database.prepare("INSERT OR IGNORE INTO stolen (session, run) VALUES (?, ?)"),
    countTheft: database.prepare("UPDATE session SET thefts = thefts + 1 WHERE id = ?"),
    own: database.prepare("UPDATE run SET owner = ?, epoch = ? WHERE n = ?"),
    ownFresh: database.prepare("UPDATE run SET owner = ?, epoch = 1 WHERE n = ? AND epoch = 0"),
    release: database.prepare("UPDATE run SET owner = NULL WHERE id = ? AND epoch = ?"),
    active: database.prepare<Candidate>(findActive),
    due: database.prepare<Candidate>(findDue),
    addressed: database.prepare<Candidate>(findAddressed),
    admissible: database.prepare<Candidate>(findAdmissible),
    backlog: database.prepare<{ count: number }>(countBacklog),
    standing: database.prepare<{ n: number; id: string; alone: 0 | 1 }>(findStanding),
    unexplained: database.prepare<{ id: string }>(findUnexplained),
    hasMail: database.prepare("SELECT 1 FROM inbox WHERE run = ? LIMIT 1"),
    history: database.prepare<{ rows: string }>(
      "SELECT group_concat(body, char(1)) AS rows FROM (SELECT body FROM batch WHERE run = ? ORDER BY last_seq)",
    ),
    anyHeld: database.prepare("SELECT 1 FROM hold LIMIT 1"),
    isHeld: database.prepare("SELECT 1 FROM hold WHERE flow IS NULL OR flow = ?"),
    nextWake: database.prepare<{ wake_at: number | null }>(
      `SELECT min(wake_at) AS wake_at FROM run WHERE wake_at > ? AND ${unowned}`,
    ),
  };
}
