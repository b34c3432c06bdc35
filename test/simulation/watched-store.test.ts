import { expect, it } from "vitest";

import type { RunEvent } from "../../plan/history.ts";
import type { NewRun } from "../../runner/ports/new-run.ts";
import { checkHistory } from "../../runner/engine/invariants.ts";
import { compileProgram } from "../../runner/engine/compile-program.ts";
import type { AppendEntry, Store } from "../../runner/ports/store.ts";
import { MemoryStore } from "../../runner/store/memory-store.ts";
import { checkEffects } from "./effect-ledger.ts";
import type { Deed } from "./effect-ledger.ts";
import { newRunOf } from "./new-run.ts";
import { block, callTool, flow, plan, step, tool } from "./plan-builder.ts";
import { watchStore } from "./watched-store.ts";

const program = plan({
  flows: { main: flow("main", block([step("s", callTool("t"))])) },
  tools: { t: tool({ restart: false }) },
});

const newRun = (run: string): NewRun => ({ ...newRunOf(program, run, 0), idempotencyKey: "key" });

const entry = (epoch: number): AppendEntry => ({
  run: "a",
  epoch,
  expectedSeq: 1,
  events: [{ kind: "run.started", states: [], seq: 2, atMs: 0 }],
  head: { status: "running", wakeAtMs: null, waitsFor: null, cost: 0, tokensIn: 0, tokensOut: 0 },
});

/** A store that breaks the promises which the tests name. */
function broken(faults: Partial<Pick<Store, "append" | "createRun" | "head">>): Store {
  return Object.assign(new MemoryStore({ now: () => 0 }), faults);
}

it("finds nothing where a store keeps its promises", async () => {
  const { store, faults } = watchStore(new MemoryStore({ now: () => 0 }));
  await store.createRun(newRun("a"));
  expect(await store.createRun(newRun("b"))).toEqual({ run: "a", existing: true });
  await store.beat("one", 9_000);
  await store.claim("a", "one");
  expect(await store.append(entry(1))).toMatchObject({ kind: "ok" });
  expect((await store.append(entry(1))).kind).not.toBe("ok");
  expect(await faults()).toEqual([]);
});

it("finds starts without runs, keys with two, and writes under leases that have passed on", async () => {
  const lying = watchStore(
    broken({
      createRun: ({ run }) => Promise.resolve({ run, existing: false }),
      append: () => Promise.resolve({ kind: "ok", delivered: [] }),
    }),
  );
  await lying.store.createRun(newRun("a"));
  await lying.store.createRun(newRun("b"));
  await lying.store.append(entry(2));
  await lying.store.append(entry(1));
  expect((await lying.faults()).map((fault) => fault.slice(0, 3).trim())).toEqual([
    "I8",
    "I7",
    "I1",
    "I8",
    "I8",
  ]);
});

it("finds deeds that were repeated, share a key, or never happened", () => {
  const deed: Deed = { run: "a", path: "main.s", attempt: 1, tool: "t", key: "k", ok: true };
  const events: RunEvent[] = [
    ...newRun("a").events,
    { kind: "run.started", states: [], seq: 2, atMs: 0 },
    {
      kind: "activity.started",
      path: "main.s",
      attempt: 1,
      activity: "tool",
      callee: "t",
      seq: 3,
      atMs: 0,
    },
    { kind: "activity.succeeded", path: "main.s", attempt: 1, output: null, seq: 4, atMs: 0 },
  ];
  const runs = [{ run: "a", program: program.program, events }];
  expect(checkEffects([deed], runs)).toEqual([]);
  expect(checkEffects([deed, deed], runs)).toEqual([expect.stringMatching(/done twice/)]);
  expect(checkEffects([deed, { ...deed, path: "main.z" }], runs)).toEqual([
    expect.stringMatching(/one key/),
  ]);
  expect(checkEffects([], runs)).toEqual([expect.stringMatching(/nobody did it/)]);
});

it("finds owners whose lease is no newer than the one before", () => {
  const events: RunEvent[] = [
    ...newRun("a").events,
    { kind: "run.started", states: [], seq: 2, atMs: 0 },
    { kind: "run.interrupted", epoch: 3, seq: 3, atMs: 0 },
    { kind: "run.interrupted", epoch: 3, seq: 4, atMs: 0 },
  ];
  expect(checkHistory(events, () => compileProgram(program))).toEqual([
    "I7 event 4 is of epoch 3, after 3",
  ]);
});
