import type { Plan } from "../../plan/plan.ts";
import type { Store } from "../ports/store.ts";
import type { SqliteContext } from "./sqlite-context.ts";
import { createLetters } from "./sqlite-letters.ts";
import { packFile } from "./payload.ts";
import { storeAhead } from "./sqlite-store-ahead.ts";
import { createVectors } from "./sqlite-vectors.ts";

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
  | "snapshot"
>;

/** What is kept beside the runs: plans, snapshots, the cache, dead letters, files. */
export function createKeepsakes(context: SqliteContext): Keepsakes {
  const { database, payloads, flush } = context;
  const putPlan = database.prepare("INSERT OR IGNORE INTO plan (hash, body) VALUES (?, ?)");
  const hasPlan = database.prepare("SELECT 1 FROM plan WHERE hash = ?");
  const getPlan = database.prepare<{ body: string }>("SELECT body FROM plan WHERE hash = ?");
  const recall = database.prepare<{ value: string }>(
    "SELECT value FROM remembered WHERE key = ? AND until > ?",
  );
  const snapshot = database.prepare<{ seq: number; state: string }>(
    "SELECT seq, state FROM snapshot WHERE run = (SELECT n FROM run WHERE id = ?)",
  );
  const noteUpload = database.prepare("INSERT OR REPLACE INTO upload (hash, at) VALUES (?, ?)");

  const knownPlans = new Set<string>();

  return {
    async putPlan(plan) {
      if (knownPlans.has(plan.hash)) return;
      if (hasPlan.get([plan.hash]) === undefined) {
        const body = JSON.stringify(plan);
        await flush.write(() => void putPlan.run([plan.hash, body]));
      }
      knownPlans.add(plan.hash);
    },
    async getPlan(hash) {
      const row = getPlan.get([hash]);
      return row === undefined ? null : (JSON.parse(row.body) as Plan);
    },
    async snapshot(run) {
      const row = snapshot.get([run]);
      return row === undefined ? null : { seq: row.seq, state: await payloads.unpack(row.state) };
    },
    async recall(key, nowMs) {
      const row = recall.get([key, nowMs]);
      return row === undefined ? null : { value: await payloads.unpack(row.value) };
    },
    ...createVectors(context),
    ...createLetters(context),
    readFile: (sha256) => payloads.file(sha256),
    async writeFile(hash, bytes) {
      const { parts, whole } = await packFile(bytes);
      await storeAhead(context, [...parts, whole]);
      await flush.write(() => {
        for (const part of parts) payloads.put(part, `file/${hash}`);
        payloads.putAhead(whole);
        noteUpload.run([hash, context.now()]);
      });
    },
  };
}
