import type { Plan } from "../../../plan/plan.ts";
import type { Store } from "../../ports/store.ts";
import { packFile } from "../payload.ts";
import { createLetters } from "./letters.ts";
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

/** What is kept beside the runs: plans, the cache, dead letters, files. */
export function createKeepsakes(context: PostgresContext): Keepsakes {
  const { database, payloads } = context;
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
    ...createLetters(context),
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
