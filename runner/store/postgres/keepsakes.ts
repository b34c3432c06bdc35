import type { Json } from "../../../plan/expression.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { DeadLetter } from "../../ports/dead-letter.ts";
import type { Store } from "../../ports/store.ts";
import { packFile } from "../payload.ts";
import type { PostgresContext } from "./postgres-context.ts";
import { createVectors } from "./vectors.ts";

type Keepsakes = Pick<
  Store,
  | "putPlan"
  | "getPlan"
  | "recall"
  | "keepVector"
  | "vectors"
  | "deadLetters"
  | "deadLetter"
  | "closeDeadLetter"
  | "readFile"
  | "writeFile"
>;

interface LetterRow {
  readonly body: string;
  readonly status: DeadLetter["status"];
  readonly reason: string | null;
}

/** What is kept beside the runs: plans, the cache, dead letters, files. */
export function createKeepsakes({ database, payloads }: PostgresContext): Keepsakes {
  const knownPlans = new Set<string>();
  return {
    async putPlan(plan) {
      if (knownPlans.has(plan.hash)) return;
      await database.query(
        "INSERT INTO @plan (hash, body) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        [plan.hash, JSON.stringify(plan)],
      );
      knownPlans.add(plan.hash);
    },
    async getPlan(hash) {
      const { rows } = await database.query<{ body: string }>(
        "SELECT body FROM @plan WHERE hash = $1",
        [hash],
      );
      return rows[0] === undefined ? null : (JSON.parse(rows[0].body) as Plan);
    },
    async recall(key, nowMs) {
      const { rows } = await database.query<{ value: string }>(
        "SELECT value FROM @remembered WHERE key = $1 AND until > $2",
        [key, nowMs],
      );
      if (rows[0] === undefined) return null;
      const [value = null] = await payloads.unpack([rows[0].value]);
      return { value };
    },
    ...createVectors(database),
    async deadLetters({ queue = null, status = null, run = null }) {
      const { rows } = await database.query<LetterRow>(
        `SELECT body, status, reason FROM @dead_letter WHERE ($1::text IS NULL OR queue = $1)
           AND ($2::text IS NULL OR status = $2) AND ($3::text IS NULL OR run = $3) ORDER BY id COLLATE "C"`,
        [queue, status, run],
      );
      return rows.map(toLetter);
    },
    async deadLetter(id) {
      const { rows } = await database.query<LetterRow>(
        "SELECT body, status, reason FROM @dead_letter WHERE id = $1",
        [id],
      );
      return rows[0] === undefined ? null : toLetter(rows[0]);
    },
    closeDeadLetter: (id, status, reason) =>
      database.transaction(async (tx) => {
        const { count } = await tx.query(
          "UPDATE @dead_letter SET status = $2, reason = $3 WHERE id = $1 AND status = 'open'",
          [id, status, reason],
        );
        return count > 0;
      }),
    readFile: (sha256) => payloads.file(sha256),
    async writeFile(hash, bytes) {
      const { parts, whole } = await packFile(bytes);
      const uses = parts.map((payload) => ({ payload, usedBy: `file/${hash}` }));
      await database.transaction(async (tx) => {
        await payloads.put(tx, [...uses, { payload: whole, usedBy: null }]);
        await tx.query(
          "INSERT INTO @upload (hash, at) VALUES ($1, @clock) ON CONFLICT (hash) DO UPDATE SET at = excluded.at",
          [hash],
        );
      });
    },
  };
}

function toLetter(row: LetterRow): DeadLetter {
  const letter = JSON.parse(row.body) as DeadLetter & { readonly input: Json };
  return { ...letter, status: row.status, ...(row.reason === null ? {} : { reason: row.reason }) };
}
