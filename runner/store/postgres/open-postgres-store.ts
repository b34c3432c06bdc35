import type { Machine } from "../../ports/machine.ts";
import type { Store } from "../../ports/store.ts";
import { createAdmissionDesk } from "./admission-desk.ts";
import { Appender } from "./appender.ts";
import { createDeployments, createHolds } from "./controls.ts";
import { createElection } from "./election.ts";
import { createEventLog } from "./event-log.ts";
import { createKeepsakes } from "./keepsakes.ts";
import { createLeases } from "./leases.ts";
import { createMailbox } from "./mailbox.ts";
import { checkMigrated } from "./migrate-postgres.ts";
import { Payloads } from "./payloads.ts";
import { createPermits } from "./permits.ts";
import type { PostgresContext } from "./postgres-context.ts";
import { PostgresDatabase } from "./postgres-database.ts";
import { createRetention } from "./retention.ts";
import { RunCreation } from "./run-creation.ts";
import { createRunReader } from "./run-rows.ts";
import { createSchedules } from "./schedules.ts";
import { readAddress } from "./schema-name.ts";
import { createUsageLedger } from "./usage.ts";

export interface PostgresStoreOptions {
  /** As `postgres://user:password@host:5432/database?schema=agentflow&prepare=1`. */
  readonly url: string;
  /** Schema of the tables; `agentflow` unless told. */
  readonly schema?: string;
  /** Milliseconds since 1970, instead of the server's clock. */
  readonly now?: () => number;
  /** Connections to the server at most; 8 unless told. */
  readonly connections?: number;
  /**
   * Whether statements are given names, which saves the server work. Not by default: a PgBouncer in transaction mode before 1.21 can't
   * do it.
   */
  readonly prepare?: boolean;
  /** How long each call waits for a server that is away, in milliseconds; 20,000 unless told. */
  readonly patienceMs?: number;
  /** Frees what processes of this machine had as soon as they have ended; else their leases have to run out. */
  readonly machine?: Machine | null;
  /** Told how many entries of histories have become durable at once. */
  readonly onFlush?: (entries: number) => void;
}

/**
 * A store in PostgreSQL 14 or later, for any number of processes, also through PgBouncer in transaction mode. Its tables are made by
 * `migratePostgres`.
 *
 * @throws StoreError
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const address = readAddress(options.url);
  const { schema = address.schema, prepare = address.prepare } = options;
  const { connections = 8, patienceMs = 20_000 } = options;
  const { now } = options;
  const database = new PostgresDatabase({
    url: address.url,
    schema,
    connections,
    prepare,
    patienceMs,
    ...(now === undefined ? {} : { now }),
  });
  try {
    const { rows } = await database.query<{ version: number; name: string; checksum: string }>(
      "SELECT version, name, checksum FROM @migration ORDER BY version",
    );
    checkMigrated(rows);
  } catch (error) {
    await database.close();
    throw error;
  }
  return storeOn(database, options);
}

/** A store on tables that have been looked at. */
function storeOn(
  database: PostgresDatabase,
  { machine = null, onFlush = () => {} }: Pick<PostgresStoreOptions, "machine" | "onFlush">,
): Store {
  const context: PostgresContext = {
    database,
    payloads: new Payloads(database),
    lastLook: { nextWake: null },
  };
  const appender = new Appender(context, onFlush);
  const { settled: claimsSettled, ...leases } = createLeases(context, machine);
  const { settled: mailSettled, ...mailbox } = createMailbox(context);
  const { settled: permitsSettled, ...permits } = createPermits(context);
  const creation = new RunCreation(context);
  return {
    ...createRunReader(context),
    ...createKeepsakes(context),
    ...createAdmissionDesk(context),
    ...leases,
    ...mailbox,
    permits,
    schedules: createSchedules(context),
    deployments: createDeployments(context),
    log: createEventLog(context),
    holds: createHolds(context),
    retention: createRetention(context),
    ledger: createUsageLedger(context),
    election: createElection(context),
    append: (entry) => appender.append(entry),
    createRun: (run) => creation.create(run),
    async close() {
      const lanes = [creation, appender].map((lane) => lane.settled());
      await Promise.all([...lanes, claimsSettled(), mailSettled(), permitsSettled()]);
      await database.close();
    },
  };
}
