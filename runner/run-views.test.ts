import { expect, test } from "vitest";

import type { Json } from "../plan/expression.ts";
import type { RunEvent } from "../plan/history.ts";
import { beginHistory } from "../test/simulation/begun-history.ts";
import { fanOut } from "../test/simulation/small-plans.ts";
import { compileProgram } from "./engine/compile-program.ts";
import type { RunHead } from "./ports/store.ts";
import { createRunViews } from "./run-views.ts";
import { RunWatch } from "./run-watch.ts";

const count = 20_400;
const program = fanOut({ maxItems: count, concurrency: 10 }, { tolerate: { fraction: 0.5 } });

/** Of a run in which one of the first items failed, and nearly all are done. */
function longHistory(): readonly RunEvent[] {
  const xs = Array.from({ length: count }, (_, n): Json => n);
  const { engine, events, record } = beginHistory(program, { xs });
  for (let done = 0; done < count - 50; done += 1) {
    const [ready] = engine.ready(1);
    const path = ready?.path ?? "";
    record({ kind: "activity.started", path, attempt: 1, activity: "tool", callee: "t" });
    if (done === 3)
      record({ kind: "activity.failed", path, attempt: 1, code: "not_found", message: "none" });
    else record({ kind: "activity.succeeded", path, attempt: 1, output: done });
  }
  return events;
}

const head: RunHead = {
  run: "r",
  flow: "main",
  planHash: program.hash,
  status: "running",
  priority: 5,
  createdAtMs: 0,
  endedAtMs: null,
  seq: 0,
  epoch: 1,
  owner: null,
  wakeAtMs: null,
  waitsFor: null,
  error: null,
  cost: 0,
  tokensIn: 0,
  tokensOut: 0,
};

test("of very many steps those are listed that are not done, that failed, and the latest", async () => {
  const all = longHistory();
  let known = all.length - 5_000;
  const reads: number[] = [];
  const store = {
    async events(_: string, { afterSeq, limit = Infinity }: { afterSeq: number; limit?: number }) {
      await new Promise((resolve) => setImmediate(resolve));
      reads.push(limit);
      return all.slice(afterSeq, Math.min(known, afterSeq + limit));
    },
    output: () => Promise.resolve(null),
  };
  const code = compileProgram(program);
  const programs = { compile: () => Promise.resolve(code) };
  const views = createRunViews(store, programs, { monotonic: () => 0 });
  await views.detail(head);
  known = all.length;
  // Two who look at once get the same.
  const [shown, other] = await Promise.all([views.detail(head), views.detail(head)]);
  expect(Math.max(...reads)).toBeLessThan(5_000);
  expect(shown.steps).toEqual(other.steps);
  expect(shown.steps.length).toBe(20_000);
  expect(shown.stepsLeftOut).toBe(count - 50 + 10 + 1 - 20_000);
  const [each, failed] = shown.steps;
  expect(each).toMatchObject({ path: "main.each", status: "running" });
  expect(each?.progress).toEqual({ done: count - 51, failed: 1, total: count });
  expect(failed).toMatchObject({ path: "main.each[3]", status: "failed" });
});

test("whoever follows a long history is told of it in parts, and of nothing after they stopped", async () => {
  const all = Array.from({ length: 3_500 }, (_, at): RunEvent => ({
    kind: "run.paused",
    seq: at + 1,
    atMs: at,
  }));
  const store = {
    events: (_: string, { afterSeq, limit = Infinity }: { afterSeq: number; limit?: number }) =>
      Promise.resolve(all.slice(afterSeq, afterSeq + limit)),
  };
  const clock = { now: () => 0, monotonic: () => 0, after: () => () => {} };
  const watch = new RunWatch({ store, clock, onFault: () => {} });
  const sizes: number[] = [];
  const told = new Promise<void>((resolve) => {
    watch.follow("r", (events) => {
      sizes.push(events.length);
      if (events.at(-1)?.seq === all.length) resolve();
    });
  });
  await told;
  expect(sizes).toEqual([1_000, 1_000, 1_000, 500]);
  let parts = 0;
  const stopped = new Promise<void>((resolve) => {
    const stop = watch.follow("r", () => {
      parts += 1;
      stop();
      setImmediate(resolve);
    });
  });
  await stopped;
  expect(parts).toBe(1);
});
