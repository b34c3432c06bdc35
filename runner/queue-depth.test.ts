import { expect, test } from "vitest";

import { oneCall } from "../test/simulation/small-plans.ts";
import { openRunner, type ModulePort } from "./index.ts";

const modules: ModulePort = {
  call: async () => ({ ok: true, value: 1 }),
  check: async () => null,
  close: async () => {},
};
const program = oneCall();

test("a full queue refuses new starts, and answers one that was made before with its run", async () => {
  const settings = { variables: {}, folder: "/", models: { kind: "mock" }, modules } as const;
  const runner = await openRunner({ ...settings, store: null, work: "none", maxQueued: 2 });
  const start = (idempotencyKey?: string) =>
    runner.start({
      plan: program,
      flow: "main",
      input: {},
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    });
  const first = await start("one");
  expect([first, await start()]).toMatchObject([
    { ok: true, existing: false },
    { ok: true, existing: false },
  ]);
  expect(await start()).toMatchObject({ ok: false, code: "overloaded" });
  expect(await start("two")).toMatchObject({ ok: false, code: "overloaded" });
  expect(await start("one")).toEqual({
    ok: true,
    run: first.ok ? first.run : "",
    existing: true,
  });
  await runner.close({ graceMs: 0 });
});
