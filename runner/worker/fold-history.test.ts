import { expect, test } from "vitest";

import type { RunEvent } from "../../plan/history.ts";
import type { Plan } from "../../plan/plan.ts";
import { beginHistory } from "../../test/simulation/begun-history.ts";
import { fanOut } from "../../test/simulation/small-plans.ts";
import { compileProgram } from "../engine/compile-program.ts";
import { foldRun } from "../engine/fold.ts";
import { eventsPerPage, foldHistory } from "./fold-history.ts";

const count = 6_000;

/** A history that needs several pages, its last call failed; retried if wanted. */
function history(program: Plan, retried: boolean): readonly RunEvent[] {
  const { hash: planHash } = program;
  const xs = Array.from({ length: count }, (_, n) => n);
  const { engine, events, record } = beginHistory(program, { xs });
  for (let left = count; engine.ending() === null; left -= 1) {
    const [ready] = engine.ready(1);
    if (ready === undefined) throw new Error("the run stands still");
    const { path, attempt } = ready;
    record({ kind: "activity.started", path, attempt, activity: "tool", callee: "t" });
    if (left > 1) record({ kind: "activity.succeeded", path, attempt, output: left });
    else record({ kind: "activity.failed", path, attempt, code: "not_found", message: "none" });
  }
  const ending = engine.ending();
  if (ending !== null) record(ending);
  engine.takeEffects();
  const seq = events.length + 1;
  return retried ? [...events, { kind: "run.retried", planHash, seq, atMs: seq }] : events;
}

test.each([false, true])("a history is folded page by page; retried: %s", async (retried) => {
  const program = fanOut({ maxItems: count, concurrency: 10 });
  const events = history(program, retried);
  const code = compileProgram(program);
  const pages: number[] = [];
  const store = {
    events: (_: string, { afterSeq, limit = 1 }: { afterSeq: number; limit?: number }) => {
      pages.push(limit);
      return Promise.resolve(events.slice(afterSeq, afterSeq + limit));
    },
  };
  const expected: number[] = [];
  const watch = {
    observer: null,
    expect: (page: readonly RunEvent[]) => expected.push(page.length),
  };
  const reader = { store, clock: { monotonic: () => 0 }, compile: () => Promise.resolve(code) };
  const folded = await foldHistory("r", reader, () => watch);
  const whole = foldRun(events, () => code);
  expect(folded?.machine.snapshot()).toEqual(whole.snapshot());
  expect(events.length).toBeGreaterThan(2 * eventsPerPage);
  expect(new Set(pages)).toEqual(new Set([eventsPerPage]));
  expect(Math.max(...expected)).toBe(eventsPerPage);
});

test("a run that does not exist has nothing to fold", async () => {
  const store = { events: () => Promise.resolve([]) };
  const compile = (): never => {
    throw new Error("no plan is needed");
  };
  const reader = { store, clock: { monotonic: () => 0 }, compile };
  const watch = { observer: null, expect: () => {} };
  expect(await foldHistory("r", reader, () => watch)).toBeNull();
});
