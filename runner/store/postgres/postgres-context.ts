import type { Payloads } from "./payloads.ts";
import type { PostgresDatabase } from "./postgres-database.ts";

/** What the parts of the store share. */
export interface PostgresContext {
  readonly database: PostgresDatabase;
  readonly payloads: Payloads;
  /** What the last look for work saw of timers, for a moment: whoever sets one forgets it. */
  readonly lastLook: { nextWake: { readonly atMs: number | null } | null };
}
