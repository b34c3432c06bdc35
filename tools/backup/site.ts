import type { TransportSettings } from "../../runner/index.ts";

/** Where runs are kept and carried. */
export interface Site {
  /** A file, or a schema of a PostgreSQL server. */
  readonly store: string | { readonly url: string; readonly schema: string };
  readonly transport: TransportSettings;
  /** Takes a backup while the site is in use. */
  backUp(): Promise<Backup>;
  /** Ends it as if the machine were lost; only backups stay. */
  destroy(): Promise<void>;
}

export interface Backup {
  readonly bytes: number;
  /** Another site with what the backup has. */
  restore(): Promise<Pick<Site, "store" | "transport" | "destroy">>;
  remove(): Promise<void>;
}
