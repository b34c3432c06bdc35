import { Client } from "pg";

/** A change of ownership or of a history's end, as the server saw it in the statement that made it. Times are its own, in milliseconds since 1970. */
export interface WatchedWrite {
  readonly run: string;
  readonly atMs: number;
  readonly fromEpoch: number;
  readonly toEpoch: number;
  readonly fromSeq: number;
  readonly toSeq: number;
  /** Session that owned the run before. */
  readonly owner: string | null;
  /** Until when that session lived; null or 0 when it was gone. */
  readonly untilMs: number | null;
  /** Nobody else could write from when its writer had looked at its lease until it was done, however long it stood still meanwhile. */
  readonly alone: boolean;
}

/**
 * Statements after which the server itself writes down who moved on a run, and whether his lease was good, whatever the program
 * believes. A statement that waits for another one may have looked at leases before; so what counts is when it began.
 */
export function watchWrites(schema = "agentflow"): readonly string[] {
  const own = nameFor(schema);
  return [
    `CREATE SCHEMA ${own}`,
    `CREATE TABLE ${own}.write (
       n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run text NOT NULL, at float8 NOT NULL, from_epoch int NOT NULL,
       to_epoch int NOT NULL, from_seq int NOT NULL, to_seq int NOT NULL, owner text, until float8) TABLESPACE pg_default`,
    `CREATE FUNCTION ${own}.note() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       INSERT INTO ${own}.write (run, at, from_epoch, to_epoch, from_seq, to_seq, owner, until)
       VALUES (NEW.id, floor(extract(epoch FROM statement_timestamp()) * 1000), OLD.epoch, NEW.epoch, OLD.seq, NEW.seq, OLD.owner,
         (SELECT until FROM ${schema}.session WHERE id = OLD.owner));
       RETURN NULL;
     END $$`,
    `CREATE TRIGGER watch AFTER UPDATE ON ${schema}.run FOR EACH ROW
     WHEN (OLD.seq IS DISTINCT FROM NEW.seq OR OLD.epoch IS DISTINCT FROM NEW.epoch) EXECUTE FUNCTION ${own}.note()`,
  ];
}

/** In the order in which they were made. */
export async function readWrites(
  url: string,
  schema = "agentflow",
): Promise<readonly WatchedWrite[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Omit<WatchedWrite, "alone">>(
      `SELECT run, at AS "atMs", from_epoch AS "fromEpoch", to_epoch AS "toEpoch", from_seq AS "fromSeq", to_seq AS "toSeq",
         owner, until AS "untilMs" FROM ${nameFor(schema)}.write ORDER BY n`,
    );
    return rows.map((row) => ({ ...row, alone: false }));
  } finally {
    await client.end();
  }
}

function nameFor(schema: string): string {
  return `${schema}_watch`;
}
