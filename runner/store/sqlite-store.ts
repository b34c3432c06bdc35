import type { Json } from "../../plan/expression.ts";
import type { Store } from "../ports/store.ts";
import { createAdmissionDesk } from "./sqlite-admission.ts";
import { Appender } from "./sqlite-append.ts";
import type { Leftovers, SqliteContext } from "./sqlite-context.ts";
import { createDeployments, createHolds } from "./sqlite-controls.ts";
import { EntryWriter } from "./sqlite-entry.ts";
import { createElection } from "./sqlite-election.ts";
import { createCallSlots, type CallSlots } from "./sqlite-call-slots.ts";
import { openSqliteDatabase } from "./sqlite-database.ts";
import { createEventLog, createLogWriter } from "./sqlite-event-log.ts";
import { FlushQueue } from "./sqlite-flush.ts";
import { createHistoryReader, createHistoryWriter } from "./sqlite-history.ts";
import { createKeepsakes } from "./sqlite-keepsakes.ts";
import { Leases } from "./sqlite-leases.ts";
import { createMailbox } from "./sqlite-mailbox.ts";
import { createSessionGuard } from "./sqlite-ownership.ts";
import { pack, packSmall } from "./payload.ts";
import { packEvent } from "./entry-packing.ts";
import { storeAhead } from "./sqlite-store-ahead.ts";
import { payloadTable } from "./sqlite-payload.ts";
import { createPermits } from "./sqlite-permits.ts";
import { createRetention } from "./sqlite-retention.ts";
import { createRunInserter, createRunReader, type RunReader } from "./sqlite-runs.ts";
import { createSchedules } from "./sqlite-schedules.ts";
import { createUsageLedger } from "./sqlite-usage.ts";
import { createSlotLines, type SlotLines } from "./sqlite-slots.ts";

export interface SqliteStoreOptions {
  /** A file, made if it does not exist; `:memory:` for one that ends with the process. */
  readonly path: string;
  /** Milliseconds since 1970. Processes on one file are on one machine and so share its clock. */
  readonly now: () => number;
  /** Whether the process behind a session has certainly ended, so that its lease need not run out first. */
  readonly isGone?: (session: string) => boolean;
  /** How long a write waits for another process's; 5,000 unless told. */
  readonly busyTimeoutMs?: number;
  /** How long opening blocks the event loop while another program has the file locked; 5,000 unless told. */
  readonly openWaitMs?: number;
  /** Told how many writes have become durable at once. */
  readonly onFlush?: (writes: number) => void;
  /** Pages of 4 KiB that the file may have; as many as fit unless told. */
  readonly maxPages?: number;
}

/** Events of a tail that are read at once. */
const tailAtOnce = 4_096;

/**
 * A store in one SQLite file, in WAL mode and synced at every commit. Several processes may open it at once.
 *
 * @throws StoreError
 */
export function openSqliteStore(options: SqliteStoreOptions): Store {
  const { context, reader } = openContext(options);
  const { database, payloads, flush } = context;
  const lines = createSlotLines(context);
  const calls = createCallSlots(context);
  const insertRun = createRunInserter(context, lines);
  const mailbox = createMailbox(context, createLogWriter(context));
  const entries = new EntryWriter(context, {
    insertRun,
    publish: mailbox.publish,
    moveSlots: calls.move,
  });
  const appender = new Appender(context, reader, entries);
  const events = createHistoryReader(database, payloads);
  const keepsakes = createKeepsakes(context);

  return {
    ...keepsakes,
    ...ownershipOf(context, { reader, lines, calls }, options.isGone ?? (() => false)),
    schedules: createSchedules(context, insertRun),
    deployments: createDeployments(context),
    log: createEventLog(context, insertRun),
    permits: createPermits(context),
    holds: createHolds(context),
    retention: createRetention(context),
    ledger: createUsageLedger(database),
    election: createElection(context),
    append: (entry) => appender.append(entry),
    async createRun(run) {
      const packed = packSmall(run.events) ?? (await pack(run.events as unknown as Json));
      await storeAhead(context, packed.payloads);
      return flush.write(() => insertRun(run, packed));
    },
    startedWith: async (idempotencyKey) => reader.startedWith(idempotencyKey),
    head: (run) => reader.head(run),
    list: (filter) => reader.list(filter),
    output: (run) => reader.output(run),
    events: (run, range) => events(run, range),
    async load(run) {
      const snapshot = await keepsakes.snapshot(run);
      const tail = await events(run, { afterSeq: snapshot?.seq ?? 0, limit: tailAtOnce });
      const [first] = snapshot === null ? tail : await events(run, { afterSeq: 0, limit: 1 });
      return { created: first ?? null, snapshot, tail };
    },
    async deliver(item) {
      const body = packSmall(item) ?? (await pack(item as unknown as Json));
      await storeAhead(context, body.payloads);
      return flush.write(() => mailbox.deliver(item, body));
    },
    inbox: (run, limit) => mailbox.inbox(run, limit),
    runsWithMail: async (session) => mailbox.runsWithMail(session),
    async publish(event) {
      const packed = await packEvent(event);
      await storeAhead(context, packed.body.payloads);
      return flush.write(() => mailbox.publish(packed));
    },
    tasks: (run, page) => mailbox.tasks(run, page),
    async close() {
      await flush.idle();
      database.close();
    },
  };
}

function openContext(options: SqliteStoreOptions): {
  readonly context: SqliteContext;
  readonly reader: RunReader;
} {
  const database = openSqliteDatabase(options.path, options);
  const payloads = payloadTable(database);
  const history = createHistoryWriter(database, payloads);
  const ownership = createSessionGuard(database, options.now);
  const leftovers: Leftovers = { exist: null };
  const fresh: SqliteContext["fresh"] = new Map();
  const flush = new FlushQueue(database, {
    begin() {
      ownership.check();
      leftovers.exist = null;
    },
    end: history.flush,
    rolledBack() {
      history.clear();
      ownership.forgetAll();
      fresh.clear();
    },
    flushed: options.onFlush ?? (() => {}),
    busyTimeoutMs: options.busyTimeoutMs ?? 5_000,
  });
  const { now } = options;
  const context = { database, payloads, flush, now, history, ownership, leftovers, fresh };
  const reader = createRunReader({ database, payloads, writeHistory: history.flush });
  return { context, reader };
}

type Owning =
  | "beat"
  | "endSession"
  | "claim"
  | "release"
  | "runnable"
  | "nextWakeAtMs"
  | "unexplained"
  | "backlog"
  | "admit"
  | "takeSlots"
  | "readState";

function ownershipOf(
  context: SqliteContext,
  parts: { readonly reader: RunReader; readonly lines: SlotLines; readonly calls: CallSlots },
  isGone: (session: string) => boolean,
): Pick<Store, Owning> {
  const { flush } = context;
  const leases = new Leases(context, parts.reader, isGone);
  const desk = createAdmissionDesk(context, parts);
  return {
    beat: (session, ttlMs) => flush.write(() => leases.beat(session, ttlMs)),
    endSession: (session) => flush.write(() => leases.endSession(session)),
    claim: (run, session) => flush.write(() => leases.claim(run, session)),
    release: (run, epoch) => flush.write(() => leases.release(run, epoch)),
    async runnable(filter) {
      const gone = leases.gone();
      if (gone.length > 0) await flush.write(() => leases.expire(gone));
      return leases.runnable(filter);
    },
    nextWakeAtMs: async (afterMs) => leases.nextWakeAtMs(afterMs),
    backlog: async (limit) => leases.backlog(limit),
    unexplained: (limit) => leases.unexplained(limit),
    async admit(request) {
      // Nothing to take and nothing to read, so nothing to write: what the run then appends is checked anyway.
      if (request.slots.length === 0 && request.states.length === 0)
        return { kind: "admitted", states: [] };
      return desk.admit(request);
    },
    takeSlots: (run, epoch) => desk.takeSlots(run, epoch),
    readState: (state) => desk.readState(state),
  };
}
