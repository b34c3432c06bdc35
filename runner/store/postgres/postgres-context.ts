import type { Payloads } from "./payloads.ts";
import type { PostgresDatabase } from "./postgres-database.ts";

/** When the next run is due, of those that are due after a time. */
interface NextWake {
  readonly afterMs: number;
  readonly atMs: number | null;
}

/** What the parts of the store share. */
export interface PostgresContext {
  readonly database: PostgresDatabase;
  readonly payloads: Payloads;
  /** What the last look for work saw of timers, for a moment: whoever sets one forgets it. */
  readonly lastLook: { nextWake: NextWake | null };
}
