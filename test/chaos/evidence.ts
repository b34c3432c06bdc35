import { required } from "../../base/assert.ts";
import type { Json } from "../../plan/expression.ts";
import type { RunEvent } from "../../plan/history.ts";
import type { Plan } from "../../plan/plan.ts";
import { compileProgram } from "../../runner/engine/compile-program.ts";
import type { ProgramOf } from "../../runner/engine/fold.ts";
import type { DeadLetterHead } from "../../runner/ports/dead-letter.ts";
import type { StoredTick } from "../../runner/ports/schedule-store.ts";
import type { RunHead, Store } from "../../runner/ports/store.ts";
import type { FaultRecord } from "./fault-run.ts";
import type { LedgerEntry } from "./ledger.ts";
import type { StartedRun } from "./load.ts";
import type { Observer } from "./observer.ts";
import type { WatchedWrite } from "./write-watch.ts";

export interface RunRecord {
  readonly head: RunHead;
  readonly output: Json;
  readonly events: readonly RunEvent[];
}

/** All that is known when everything has come to rest. */
export interface Evidence {
  /** Of all runs, by hash. */
  readonly plans: ReadonlyMap<string, Plan>;
  readonly programOf: ProgramOf;
  readonly runs: ReadonlyMap<string, RunRecord>;
  readonly started: readonly StartedRun[];
  readonly ledger: readonly LedgerEntry[];
  readonly prefixes: Observer["prefixes"];
  readonly deadLetters: readonly DeadLetterHead[];
  readonly ticks: readonly StoredTick[];
  readonly faults: readonly FaultRecord[];
  readonly writes: readonly WatchedWrite[];
  /** Between these times the schedule ticked, in milliseconds since 1970. */
  readonly tickedFromMs: number;
  readonly tickedUntilMs: number;
}

/** What a check has found, beginning with the number of the invariant. */
export type Check = (evidence: Evidence) => readonly string[];

const pageSize = 500;

export async function collectEvidence(
  store: Store,
  known: Omit<Evidence, "runs" | "programOf" | "deadLetters" | "ticks">,
): Promise<Evidence> {
  const runs = new Map<string, RunRecord>();
  for (const head of await allHeads(store)) {
    const events = await store.events(head.run, { afterSeq: 0 });
    runs.set(head.run, { head, output: await store.output(head.run), events });
  }
  const ticks: StoredTick[] = [];
  for (const { id } of await store.schedules.list())
    ticks.push(...(await store.schedules.ticks({ schedule: id, limit: 10_000 })));
  const codes = new Map([...known.plans].map(([hash, plan]) => [hash, compileProgram(plan)]));
  return {
    ...known,
    runs,
    ticks,
    deadLetters: await store.deadLetters({}),
    programOf: (hash) => required(codes.get(hash), "each run has a plan"),
  };
}

export async function allHeads(store: Store): Promise<readonly RunHead[]> {
  const heads: RunHead[] = [];
  for (;;) {
    const before = heads.at(-1)?.run;
    const page = await store.list({
      limit: pageSize,
      ...(before === undefined ? {} : { before }),
    });
    heads.push(...page);
    if (page.length < pageSize) return heads;
  }
}

/** The parameters that a run began with. */
export function inputOf({ events }: RunRecord): { readonly [name: string]: unknown } {
  const [created] = events;
  return created?.kind === "run.created" ? created.input : {};
}
