import { expect, test } from "vitest";

import { newRunOf } from "../../test/simulation/new-run.ts";
import { SimProcess } from "../../test/simulation/sim-process.ts";
import {
  block,
  call,
  flow,
  name,
  plan,
  record,
  solo,
  step,
  value,
} from "../../test/simulation/plan-builder.ts";
import { VirtualClock } from "../../test/simulation/virtual-clock.ts";
import { compileProgram } from "../engine/compile-program.ts";
import { MemoryStore } from "../store/memory-store.ts";

/** More than begin in one turn. */
const items = Array.from({ length: 300 }, (_, at) => at);
const program = plan({
  flows: {
    main: flow(
      "main",
      block(
        [
          step("all", {
            kind: "for",
            variable: "i",
            list: value(items),
            body: solo(
              call({ kind: "emit" }, { topic: value("x"), data: record({ i: name("i") }) }),
            ),
            maxItems: value(items.length),
            concurrency: value(items.length),
          }),
        ],
        value(1),
      ),
    ),
  },
});
const code = compileProgram(program);
const startMs = 1_000_000;

test("a run goes on elsewhere whenever its process ends while it begins very many things that need nobody", async () => {
  let appends = Infinity;
  for (let dies = 1; dies <= appends; dies += 1) {
    const clock = new VirtualClock(startMs);
    const store = new MemoryStore({ now: () => clock.now() });
    let seen = 0;
    const launch = (process: string, dying: boolean): SimProcess =>
      new SimProcess({
        name: process,
        store,
        clock,
        plans: new Map([[program.hash, { plan: program, code }]]),
        runActivity: () => Promise.resolve({ ok: true, output: null }),
        newId: () => "id",
        fate: (write) => {
          if (!dying || !write.startsWith("append")) return "ok";
          seen += 1;
          return seen === dies ? "crash-after" : "ok";
        },
        onDeath: () => undefined,
      });
    const first = launch("first", true);
    const second = launch("second", false);
    await store.putPlan(program);
    await store.createRun(newRunOf(program, "r", startMs));
    await first.open();
    const until = (ms: number): Promise<void> => clock.pass(startMs + ms);
    await until(2_000);
    await second.open();
    await until(20_000);
    expect([dies, (await store.head("r"))?.status]).toEqual([dies, "succeeded"]);
    if (seen < dies) appends = seen;
    first.die();
    second.die();
  }
  expect(appends).toBeGreaterThan(2);
});
