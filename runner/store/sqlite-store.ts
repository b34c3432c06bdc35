import type { Json } from "../../plan/expression.ts";
import type { Store } from "../ports/store.ts";
import { createAdmissionDesk } from "./sqlite-admission.ts";
import { createAppend } from "./sqlite-append.ts";
import type { Leftovers, SqliteContext } from "./sqlite-context.ts";
import { createEntryWriter } from "./sqlite-entry.ts";
import { openSqliteDatabase } from "./sqlite-database.ts";
import { createFlushQueue } from "./sqlite-flush.ts";
import { createHistoryReader, createHistoryWriter } from "./sqlite-history.ts";
import { createKeepsakes } from "./sqlite-keepsakes.ts";
import { createLeases } from "./sqlite-leases.ts";
import { createMailbox } from "./sqlite-mailbox.ts";
import { createSessionGuard } from "./sqlite-ownership.ts";
import { pack, payloadTable } from "./sqlite-payload.ts";
import { createRunInserter, createRunReader } from "./sqlite-runs.ts";

/**
 * A store in one SQLite file, in WAL mode and synced at every commit. Several processes may open it at once.
 *
 * @throws StoreError
 */
export function openSqliteStore(options: {
  /** A file, made if it does not exist; `:memory:` for one that ends with the process. */
  readonly path: string;
  /** Milliseconds since 1970. Processes on one file are on one machine and so share its clock. */
  readonly now: () => number;
  /** Whether the process behind a session has certainly ended, so that its lease need not run out first. */
  readonly isGone?: (session: string) => boolean;
  /** How long a write waits for another process's; 5,000 unless told. */
  readonly busyTimeoutMs?: number;
  /** Pages of 4 KiB that the file may have; as many as fit unless told. */
  readonly maxPages?: number;
}): Store {
  const { now } = options;
  const database = openSqliteDatabase(options.path, options);
  const payloads = payloadTable(database);
  const history = createHistoryWriter(database, payloads);
  const ownership = createSessionGuard(database);
  const leftovers: Leftovers = { exist: null };
  const flush = createFlushQueue(database, {
    begin() {
      ownership.check();
      leftovers.exist = null;
    },
    end: history.flush,
    rolledBack() {
      history.clear();
      ownership.forgetAll();
      context.fresh.clear();
    },
  });
  const context: SqliteContext = { database, payloads, flush, now, history, ownership, leftovers, fresh: new Map() };
  const reader = createRunReader({ database, payloads, writeHistory: history.flush });
  const insertRun = createRunInserter(context);
  const leases = createLeases(context, reader, options.isGone ?? (() => false));
  const desk = createAdmissionDesk(context, reader);
  const mailbox = createMailbox(context);
  const writeEntry = createEntryWriter(context, { insertRun, publish: mailbox.publish });
  const events = createHistoryReader(database, payloads);

  return {
    ...createKeepsakes(context),
    append: createAppend(context, { reader, writeEntry }),
    async createRun(run) {
      const packed = await pack(run.events as unknown as Json);
      return flush.write(() => insertRun(run, packed));
    },
    head: async (run) => reader.head(run),
    list: async (filter) => reader.list(filter),
    events: async (run, range) => events(run, range),
    beat: (session, ttlMs) => flush.write(() => leases.beat(session, ttlMs)),
    endSession: (session) => flush.write(() => leases.endSession(session)),
    claim: (run, session) => flush.write(() => leases.claim(run, session)),
    release: (run, epoch) => flush.write(() => leases.release(run, epoch)),
    async runnable(filter) {
      const gone = leases.gone();
      if (gone.length > 0) await flush.write(() => leases.expire(gone));
      return leases.runnable(filter);
    },
    nextWakeAtMs: async () => leases.nextWakeAtMs(),
    async admit(request) {
      // Nothing to take and nothing to read, so nothing to write: what the run then appends is checked anyway.
      if (request.slots.length === 0 && request.states.length === 0) return { kind: "admitted", states: [] };
      return flush.write(() => desk.admit(request));
    },
    async deliver(item) {
      const body = await pack(item as unknown as Json);
      return flush.write(() => mailbox.deliver(item, body));
    },
    inbox: async (run) => mailbox.inbox(run),
    publish: (event) => flush.write(() => mailbox.publish(event, JSON.stringify(event))),
    tasks: async (run) => mailbox.tasks(run),
    readState: async (state) => desk.readState(state),
    async close() {
      await flush.idle();
      database.close();
    },
  };
}
