import { expect, test } from "vitest";

import { model, plan } from "../../test/simulation/plan-builder.ts";
import { VirtualClock } from "../../test/simulation/virtual-clock.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { embeddingLimits } from "./embedding-limits.ts";
import { createLimits } from "./limits.ts";

const { program } = plan({
  models: {
    rated: model({ rate: { count: 2, perMs: 1_000 } }),
    narrow: model({ concurrency: 1 }),
    weak: model({ circuit: { failures: 1, windowMs: 1_000, cooldownMs: 5_000 } }),
  },
  flows: {},
});

function scene(modelCalls: number | null = null) {
  const clock = new VirtualClock(1_000_000);
  const store = new MemoryStore({ now: () => clock.now() });
  const shared = { permits: store.permits, session: () => "me", onFault: () => {} };
  const pass = embeddingLimits(createLimits(clock, { shared, modelCalls }), clock);
  const begun: string[] = [];
  const ask = (model: string | null, path: string, signal = new AbortController().signal) =>
    pass(program, { model, run: "r", path }, signal).then((answer) => {
      begun.push(`${path} ${clock.now() - 1_000_000} ${answer.kind}`);
      return answer;
    });
  return { clock, store, begun, ask, open: () => store.beat("me", 60_000) };
}

test("places of texts are asked for as often as the rate of their model allows", async () => {
  const { clock, begun, ask, open } = scene();
  await open();
  for (const path of ["a", "b", "c"]) void ask("rated", path);
  await clock.pass(1_000_000 + 500);
  expect(begun).toEqual(["a 0 passed", "b 0 passed"]);
  await clock.pass(1_000_000 + 2_000);
  expect(begun).toHaveLength(3);
  expect(Number(begun[2]?.split(" ")[1])).toBeGreaterThanOrEqual(1_000);
});

test("who is not waited for any more gives up its place in the line", async () => {
  const { clock, begun, ask, open } = scene();
  await open();
  const first = await ask("narrow", "a");
  const impatient = new AbortController();
  const second = ask("narrow", "b", impatient.signal);
  void ask("narrow", "c");
  impatient.abort();
  expect(await second).toMatchObject({ kind: "refused", code: "cancelled" });
  if (first.kind === "passed") first.leave(null);
  await clock.pass(1_000_000 + 2_000);
  expect(begun.map((line) => line.slice(0, 1))).toEqual(["a", "b", "c"]);
});

test("one that keeps failing is not asked, and the places of this process count for all models", async () => {
  const { clock, begun, ask } = scene(1);
  const first = await ask("weak", "a");
  if (first.kind === "passed") first.leave("unavailable");
  expect(await ask("weak", "b")).toMatchObject({ kind: "refused", code: "circuit_open" });
  const held = await ask(null, "c");
  void ask(null, "d");
  await clock.pass(1_000_000 + 1_000);
  expect(begun).toEqual(["a 0 passed", "b 0 refused", "c 0 passed"]);
  if (held.kind === "passed") held.leave(null);
  await clock.pass(1_000_000 + 1_000);
  expect(begun).toHaveLength(4);
});
