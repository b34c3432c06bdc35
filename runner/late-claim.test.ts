import { expect, test } from "vitest";

import {
  block,
  callTool,
  flow,
  plan,
  name,
  step,
  tool,
  value,
} from "../test/simulation/plan-builder.ts";
import { openRunner, type ModulePort } from "./index.ts";
import type { Store } from "./ports/store.ts";
import { openSqliteStore } from "./store/sqlite-store.ts";

const modules: ModulePort = {
  call: async () => ({ ok: true, value: 1 }),
  check: async () => null,
  close: async () => {},
};

const program = plan({
  tools: { t: tool({ restart: true, effect: "read" }) },
  flows: { main: flow("main", block([step("a", callTool("t", value(1)))], name("a"))) },
});

/** Its process stands still between a claim and the answer, until its lease has run out and `meanwhile` is over. */
function freezing(store: Store, meanwhile: (run: string) => Promise<void>): Store {
  let frozen = false;
  return new Proxy(store, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (key !== "claim" || frozen)
        return typeof member === "function" ? member.bind(target) : member;
      return async (run: string, session: string): Promise<unknown> => {
        frozen = true;
        const claimed = await target.claim(run, session);
        await target.endSession(session);
        await meanwhile(run);
        return claimed;
      };
    },
  });
}

test("a run that somebody else went on with, between its claim and the look at its history, is let be", async () => {
  const store = openSqliteStore({ path: ":memory:", now: () => Date.now() });
  const settings = { variables: {}, folder: "/", models: { kind: "mock" }, modules } as const;
  const second = await openRunner({ ...settings, store });
  const starter = await openRunner({ ...settings, store, work: "none" });
  const first = await openRunner({
    ...settings,
    store: freezing(store, async (run) => {
      await second.resume(run);
      await second.wait(run);
    }),
  });
  const started = await starter.start({ plan: program, flow: "main", input: {} });
  if (!started.ok) throw new Error(started.message);
  await first.resume(started.run);
  expect(await first.wait(started.run)).toMatchObject({ status: "succeeded" });
  await Promise.all([first.close(), second.close(), starter.close()]);
  await store.close();
});
