import { expect, test } from "vitest";

import {
  block,
  callTool,
  flow,
  name,
  plan,
  step,
  tool,
  value,
} from "../test/simulation/plan-builder.ts";
import { openRunner, type ModulePort } from "./index.ts";
import type { AppendEntry, Store } from "./ports/store.ts";
import { openSqliteStore } from "./store/sqlite-store.ts";

const program = plan({
  tools: { t: tool({ restart: true, effect: "read" }) },
  flows: { main: flow("main", block([step("a", callTool("t", value(1)))], name("a"))) },
});

test("a run whose call has ended, but not in the store, is never said to wait", async () => {
  const truth = openSqliteStore({ path: ":memory:", now: () => Date.now() });
  const appended: AppendEntry["head"][] = [];
  let begun = (): void => {};
  const isCalled = new Promise<void>((resolve) => {
    begun = resolve;
  });
  let called = false;
  let finish = (): void => {};
  const modules: ModulePort = {
    async call() {
      called = true;
      begun();
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return { ok: true, value: 1 };
    },
    check: async () => null,
    close: async () => {},
  };
  // The call ends while the owner reads the inbox.
  const store: Store = {
    ...bound(truth),
    async inbox(run) {
      const items = await truth.inbox(run);
      if (called && items.length > 0) {
        finish();
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
      return items;
    },
    append(entry) {
      appended.push(entry.head);
      return truth.append(entry);
    },
  };
  const runner = await openRunner({
    store,
    variables: {},
    folder: "/",
    models: { kind: "mock" },
    modules,
  });
  const started = await runner.start({ plan: program, flow: "main", input: {} });
  if (!started.ok) throw new Error(started.message);
  const { run } = started;
  await isCalled;
  await truth.deliver({ id: "one", run, atMs: Date.now(), kind: "resume" });
  await runner.resume(run);
  expect(await runner.wait(run)).toMatchObject({ status: "succeeded" });
  expect(appended.map(({ status }) => status)).toEqual(["running", "running", "succeeded"]);
  await runner.close();
  await truth.close();
});

/** Its methods as they are, to be changed one by one. */
function bound(store: Store): Store {
  return new Proxy(store, {
    ownKeys: () => methodsOf(store),
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

function methodsOf(store: object): string[] {
  const names = new Set(Object.getOwnPropertyNames(store));
  for (const key of Object.getOwnPropertyNames(Object.getPrototypeOf(store))) names.add(key);
  names.delete("constructor");
  return [...names];
}
