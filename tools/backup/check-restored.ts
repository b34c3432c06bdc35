import { isDeepStrictEqual } from "node:util";

import type { Json } from "../../plan/expression.ts";
import type { RunEvent } from "../../plan/history.ts";
import type { Plan } from "../../plan/plan.ts";
import { compileProgram } from "../../runner/engine/compile-program.ts";
import type { EngineProgram } from "../../runner/engine/code.ts";
import { foldRun } from "../../runner/engine/fold.ts";
import { checkHistory } from "../../runner/engine/invariants.ts";
import type { RunHead, Store } from "../../runner/ports/store.ts";

export type Histories = ReadonlyMap<string, readonly RunEvent[]>;

export async function allHeads(store: Store): Promise<readonly RunHead[]> {
  const heads: RunHead[] = [];
  for (;;) {
    const before = heads.at(-1)?.run;
    const page = await store.list({ limit: 500, ...(before === undefined ? {} : { before }) });
    heads.push(...page);
    if (page.length < 500) return heads;
  }
}

export async function readHistories(store: Store): Promise<Histories> {
  const histories = new Map<string, readonly RunEvent[]>();
  for (const { run } of await allHeads(store))
    histories.set(run, await store.events(run, { afterSeq: 0 }));
  return histories;
}

/**
 * What must hold when all has come to rest again; each fault begins with the number of its invariant.
 *
 * - I1: histories are whole, and go on from what was known before the backup
 * - I2: what lists show is what histories say
 * - I8: no run is missing that was known before the backup
 * - I9: no run stands still without a reason
 */
export async function checkRestored(store: Store, known: Histories): Promise<readonly string[]> {
  const faults: string[] = [];
  const after = await readHistories(store);
  for (const [run, events] of known) {
    const now = after.get(run);
    if (now === undefined) faults.push(`I8 ${run} was known before the backup and is gone`);
    else if (!isDeepStrictEqual(now.slice(0, events.length), events))
      faults.push(`I1 ${run} has another beginning than before the backup`);
  }
  const programs = new Map<string, EngineProgram>();
  for (const head of await allHeads(store)) {
    const { planHash } = head;
    const known = programs.get(planHash) ?? compileProgram(await planOf(store, planHash));
    programs.set(planHash, known);
    const row = { ...head, output: await store.output(head.run) };
    faults.push(...checkRun(row, after.get(head.run) ?? [], known));
  }
  const stuck = await store.unexplained(100);
  return [...faults, ...stuck.map((run) => `I9 ${run} stands still without a reason`)];
}

async function planOf(store: Store, hash: string): Promise<Plan> {
  const plan = await store.getPlan(hash);
  if (plan === null) throw new Error(`the plan ${hash} is gone`);
  return plan;
}

function checkRun(
  head: RunHead & { readonly output: Json },
  events: readonly RunEvent[],
  program: EngineProgram,
): readonly string[] {
  const own = checkHistory(events, () => program).map((fault) => `${fault} (run ${head.run})`);
  if (own.length > 0) return own;
  const { outcome, seq } = foldRun(events, () => program);
  const same =
    seq === head.seq &&
    outcome?.status === head.status &&
    isDeepStrictEqual(outcome.output, head.output);
  return same
    ? []
    : [
        `I2 ${head.run} is ${head.status} at ${head.seq}, its history says ${outcome?.status} at ${seq}`,
      ];
}
