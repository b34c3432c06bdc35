import { expect, test } from "vitest";

import { oneCall } from "../../test/simulation/small-plans.ts";
import { newRunOf } from "../../test/simulation/new-run.ts";
import { SimProcess } from "../../test/simulation/sim-process.ts";
import { VirtualClock } from "../../test/simulation/virtual-clock.ts";
import { compileProgram } from "../engine/compile-program.ts";
import { MemoryStore } from "../store/memory-store.ts";

const program = oneCall();
const code = compileProgram(program);
const startMs = 1_000_000;

test("a run that takes every process down with it is paused, and those that were with it are not", async () => {
  const clock = new VirtualClock(startMs);
  const store = new MemoryStore({ now: () => clock.now() });
  await store.putPlan(program);
  const innocent = Array.from({ length: 9 }, (_, at) => `run${at}`);
  for (const run of [...innocent, "poison"]) await store.createRun(newRunOf(program, run, startMs));
  const living = new Set<SimProcess>();
  let deaths = 0;
  const launch = (id: number): void => {
    const process = new SimProcess({
      name: `process${id}`,
      store,
      clock,
      plans: new Map([[program.hash, { plan: program, code }]]),
      // Whatever else it does takes longer than the poison needs.
      runActivity: (_activity, run) =>
        new Promise((resolve) => {
          if (run === "poison") clock.after(10, () => process.die());
          else clock.after(500, () => resolve({ ok: true, output: run }));
        }),
      newId: () => "id",
      fate: () => "ok",
      onDeath: () => {
        living.delete(process);
        deaths += 1;
        clock.after(100, () => launch(id + 10));
      },
    });
    living.add(process);
    void process.open();
  };
  for (const id of [1, 2]) launch(id);
  await clock.pass(startMs + 300_000);
  expect((await store.head("poison"))?.status).toBe("paused");
  const heads = await Promise.all(innocent.map((run) => store.head(run)));
  expect(heads.map((head) => head?.status)).toEqual(innocent.map(() => "succeeded"));
  expect(deaths).toBe(6);
  for (const process of living) process.die();
});

test("many runs with long calls that went down with a process get on soon, without one of them having ended", async () => {
  const clock = new VirtualClock(startMs);
  const store = new MemoryStore({ now: () => clock.now() });
  await store.putPlan(program);
  const runs = Array.from({ length: 60 }, (_, at) => `run${at}`);
  for (const run of runs) await store.createRun(newRunOf(program, run, startMs));
  const living = new Set<SimProcess>();
  const underWay = new Set<string>();
  let claims = 0;
  const claim = store.claim.bind(store);
  store.claim = (...given) => {
    claims += 1;
    return claim(...given);
  };
  const launch = (id: number, livesMs: number | null): void => {
    underWay.clear();
    const process = new SimProcess({
      name: `process${id}`,
      store,
      clock,
      plans: new Map([[program.hash, { plan: program, code }]]),
      // An hour, which no run survives while processes end every few seconds.
      runActivity: (_activity, run) => {
        underWay.add(run);
        return new Promise((resolve) => {
          clock.after(3_600_000, () => resolve({ ok: true, output: run }));
        });
      },
      newId: () => "id",
      fate: () => "ok",
      onDeath: () => living.delete(process),
    });
    living.add(process);
    void process.open();
    if (livesMs !== null) clock.after(livesMs, () => process.die());
  };
  for (const [id, atMs] of [
    [1, 0],
    [2, 15_000],
    [3, 30_000],
    [4, 45_000],
  ] as const)
    clock.after(atMs, () => launch(id, 5_000));
  clock.after(60_000, () => launch(5, null));
  await clock.pass(startMs + 75_000);
  expect(underWay.size).toBeLessThan(5);
  const before = claims;
  await clock.pass(startMs + 6 * 60_000);
  expect(underWay.size).toBe(60);
  expect(claims - before).toBeLessThan(300);
  for (const process of living) process.die();
});
