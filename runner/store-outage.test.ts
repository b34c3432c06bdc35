import { afterEach, expect, test, vi } from "vitest";

import {
  block,
  call,
  callTool,
  flow,
  name,
  plan,
  step,
  tool,
  value,
} from "../test/simulation/plan-builder.ts";
import { openRunner, StoreError, type Clock, type ModulePort, type Runner } from "./index.ts";
import type { Store } from "./ports/store.ts";
import { openSqliteStore } from "./store/sqlite-store.ts";
import { systemClock } from "./system-clock.ts";

/** Waits pass ten times as fast. */
const hasty: Clock = {
  now: () => Date.now(),
  monotonic: () => systemClock.monotonic() * 10,
  after: (delayMs, callback) => systemClock.after(delayMs / 10, callback),
};

let runner: Runner | undefined;
afterEach(() => runner?.close({ graceMs: 50 }));

/** A store that can be cut off, or have no room left. */
function cutOff(store: Store, isDown: () => boolean, kind: StoreError["kind"]): Store {
  return new Proxy(store, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== "function") return member;
      return async (...given: unknown[]): Promise<unknown> => {
        if (isDown()) throw new StoreError(kind, "the store can't be used");
        return Reflect.apply(member, target, given);
      };
    },
  });
}

test.each([
  { kind: "unreachable", takeOver: false, words: "stands still until the store can be reached" },
  // A process that serves everybody has nobody who would start it again.
  { kind: "full", takeOver: true, words: "stands still until the store can be used" },
  { kind: "busy", takeOver: true, words: "stands still until the store can be used" },
] as const)("runs go on when a store that was $kind is back", async ({ kind, takeOver, words }) => {
  let down = false;
  const calls: string[] = [];
  const modules: ModulePort = {
    async call({ idempotencyKey }) {
      calls.push(idempotencyKey.split(".").at(-1) ?? "");
      // The store goes away while the first step works.
      if (calls.length === 1) down = true;
      return { ok: true, value: 1 };
    },
    check: async () => null,
    close: async () => {},
  };
  const program = plan({
    tools: { t: tool({ restart: true, effect: "read" }) },
    flows: {
      main: flow(
        "main",
        block(
          [step("a", callTool("t", value(1))), step("b", callTool("t", value(2)), ["a"])],
          name("b"),
        ),
      ),
    },
  });
  const truth = openSqliteStore({ path: ":memory:", now: () => Date.now() });
  const messages: string[] = [];
  runner = await openRunner({
    store: cutOff(truth, () => down, kind),
    takeOver,
    variables: {},
    folder: "/",
    models: { kind: "mock" },
    modules,
    clock: hasty,
    telemetry: { log: ({ message }) => messages.push(message) },
  });
  const started = await runner.start({ plan: program, flow: "main", input: {} });
  if (!started.ok) throw new Error(started.message);
  const letGo = `run ${started.run} ${words}`;
  const said = (): boolean => messages.some((message) => message.startsWith(letGo));
  await vi.waitFor(() => expect(said()).toBe(true), 5_000);
  down = false;
  expect(await runner.wait(started.run)).toMatchObject({ status: "succeeded" });
  // Nobody could note the end of the first call, so it was made again, under the same key.
  expect(calls).toEqual(["a", "a", "b"]);
  await runner.close();
  await truth.close();
});

test("a flow that asks for its turn, or for a state, while the store is away waits for the answer", async () => {
  const truth = openSqliteStore({ path: ":memory:", now: () => Date.now() });
  const failures = { reserve: 3, readState: 2, recall: 2 };
  const failing = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_target, key) {
        const member: unknown = Reflect.get(target, key);
        if (key === "permits") return failing(member as object);
        if (typeof member !== "function") return member;
        return async (...given: unknown[]): Promise<unknown> => {
          const left = Reflect.get(failures, key) as number | undefined;
          if (left !== undefined && left > 0) {
            Reflect.set(failures, key, left - 1);
            throw new StoreError("unreachable", "no connection");
          }
          return Reflect.apply(member, target, given);
        };
      },
    });
  runner = await openRunner({
    store: failing(truth),
    variables: {},
    folder: "/",
    models: { kind: "mock" },
    modules: {
      call: async () => ({ ok: true, value: 7 }),
      check: async () => null,
      close: async () => {},
    },
    clock: hasty,
  });
  const inner = block([step("t", callTool("t", value(1), { cache: { ttlMs: 1_000 } }))], name("t"));
  const program = plan({
    tools: { t: tool() },
    flows: {
      main: flow("main", block([step("s", call({ kind: "flow", name: "inner" }))], name("s"))),
      inner: flow("inner", inner, {
        rate: { count: 1, perMs: 1_000 },
        states: [{ name: "n", schema: "any", initial: value(0), per: value("all") }],
      }),
    },
  });
  const started = await runner.start({ plan: program, flow: "main", input: {} });
  if (!started.ok) throw new Error(started.message);
  expect(await runner.wait(started.run)).toMatchObject({ status: "succeeded" });
  expect(Object.values(failures)).toEqual([0, 0, 0]);
  const events = await runner.events(started.run);
  expect(events.filter(({ kind }) => kind === "activity.failed")).toEqual([]);
  await runner.close();
  await truth.close();
});
