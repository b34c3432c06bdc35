import { StoreError } from "../../ports/store-error.ts";

/** What went wrong, as far as it decides what to do next. */
export type Trouble =
  /** The connection is gone or was never there; what it was doing may have happened. */
  | "connection"
  /** Two transactions were in each other's way; the whole of ours has not happened. */
  | "conflict"
  /** What was asked for can't be done, and would not be done a second time either. */
  | "refused";

const lost = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
  // The server, by its own codes: shut down, crashed, starting, read only after a change of roles, too many connections.
  "57P01",
  "57P02",
  "57P03",
  "25006",
  "53300",
]);

const conflicts = new Set(["40001", "40P01", "55P03"]);

/** Words of `pg` for a connection that ended; it gives them no code. */
const lostWords =
  /connection terminated|connection timeout|timeout exceeded|read timeout|not queryable|client was closed/i;

export function troubleOf(error: unknown): Trouble {
  const code = codeOf(error);
  if (conflicts.has(code)) return "conflict";
  if (lost.has(code) || code.startsWith("08")) return "connection";
  if (code === "" && error instanceof Error && lostWords.test(error.message)) return "connection";
  return "refused";
}

export function toStoreError(error: unknown): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error;
  const code = codeOf(error);
  const say = (kind: StoreError["kind"], words: string): StoreError =>
    new StoreError(kind, `${words} (${error.message})`, { cause: error });
  if (code === "53100") return say("full", "The disk of the PostgreSQL server is full");
  if (code === "53200") return say("busy", "The PostgreSQL server has no memory left");
  if (conflicts.has(code))
    return say("busy", "Other processes kept writing the same rows of PostgreSQL");
  if (code === "57014") return say("busy", "PostgreSQL took too long");
  if (code.startsWith("XX")) return say("damaged", "PostgreSQL reports damaged data");
  if (code === "28P01" || code === "28000")
    return say("unreachable", "PostgreSQL refused the user or password");
  if (code === "3D000")
    return say("unreachable", "There is no such database in PostgreSQL; create it with `createdb`");
  if (code === "42501")
    return say(
      "foreign",
      "The PostgreSQL user may not do this; docs/postgresql.md has the rights it needs",
    );
  if (code === "42P01" || code === "3F000") return notMigrated(error);
  if (troubleOf(error) === "connection") return say("unreachable", "PostgreSQL can't be reached");
  return error;
}

export function notMigrated(cause?: unknown): StoreError {
  return new StoreError(
    "foreign",
    "The PostgreSQL database has no tables of agentflow, or old ones. Run `agentflow db migrate` once before the processes start.",
    { cause },
  );
}

export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}
