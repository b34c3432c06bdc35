import { expect, test } from "vitest";

import {
  block,
  callTool,
  flow,
  name,
  plan,
  step,
  tool,
} from "../../test/simulation/plan-builder.ts";
import { eventLoopTurns } from "../../test/simulation/event-loop-turns.ts";
import { Random, seeds } from "../../test/simulation/random.ts";
import { newRunOf } from "../../test/simulation/new-run.ts";
import { SimProcess } from "../../test/simulation/sim-process.ts";
import { VirtualClock } from "../../test/simulation/virtual-clock.ts";
import { compileProgram } from "../engine/compile-program.ts";
import type { Store } from "../ports/store.ts";
import { MemoryStore } from "../store/memory-store.ts";

const [count, perMs] = [3, 1_000];
const program = plan({
  tools: { t: tool({ rate: { count, perMs }, concurrency: 4 }) },
  flows: {
    main: flow(
      "main",
      block([step("a", callTool("t")), step("b", callTool("t"), ["a"])], name("b")),
    ),
  },
});
const code = compileProgram(program);
const startMs = 1_000_000;
const runs = 12;

/** Calls of a store take so long before they have happened, and so long again until their caller hears of it. */
function slow<T extends object>(
  target: T,
  clock: VirtualClock,
  delayMs: (name: string) => number,
): T {
  const pass = (name: string): Promise<void> =>
    new Promise((resolve) => void clock.after(delayMs(name), resolve));
  return new Proxy(target, {
    get(_target, key) {
      const member: unknown = Reflect.get(target, key);
      if (key === "permits") return slow(member as object, clock, delayMs);
      if (typeof member !== "function") return member;
      return async (...given: unknown[]): Promise<unknown> => {
        await pass(String(key));
        const result: unknown = await Reflect.apply(member, target, given);
        await pass(String(key));
        return result;
      };
    },
  });
}

async function callTimes(seed: number): Promise<readonly number[]> {
  const random = new Random(seed);
  const clock = new VirtualClock(startMs);
  const store = new MemoryStore({ now: () => clock.now() });
  await store.putPlan(program);
  for (let run = 0; run < runs; run += 1)
    await store.createRun(newRunOf(program, `r${run}`, startMs));
  const times: number[] = [];
  let inside = 0;
  const processes = ["one", "two"].map((id) => {
    // Now and then a commit takes far longer than the others.
    const delayMs = (what: string): number =>
      what === "append" && random.chance(0.2) ? random.below(900) : random.below(20);
    return new SimProcess({
      name: id,
      store: slow<Store>(store, clock, delayMs),
      clock,
      plans: new Map([[program.hash, { plan: program, code }]]),
      runActivity: (_activity, _run, { signal }) => {
        times.push(clock.now() - startMs);
        inside += 1;
        expect(inside, `seed ${seed}`).toBeLessThanOrEqual(4);
        return new Promise((resolve) => {
          const over = (): void => {
            inside -= 1;
            resolve({ ok: true, output: null });
          };
          const stop = clock.after(random.below(300), over);
          signal.addEventListener("abort", () => {
            stop();
            over();
          });
        });
      },
      newId: () => "id",
      fate: () => "ok",
      onDeath: () => undefined,
    });
  });
  for (const process of processes) void process.open();
  const isOver = (): boolean =>
    [...store.runs.values()].every(({ head }) => head.endedAtMs !== null);
  do await eventLoopTurns(5);
  while (!isOver() && clock.next(startMs + 600_000));
  for (const process of processes) process.die();
  expect(isOver(), `seed ${seed}: the runs end`).toBe(true);
  return times;
}

test("a rate holds for calls in every window, however long commits take, and nobody waits for ever", async () => {
  let last = 0;
  for (const seed of seeds(30)) {
    const times = await callTimes(seed);
    expect(times, `seed ${seed}`).toHaveLength(2 * runs);
    for (const [at, time] of times.entries()) {
      const later = times[at + count] ?? Number.POSITIVE_INFINITY;
      expect(later - time, `I15, seed ${seed}: ${times.join(" ")}`).toBeGreaterThanOrEqual(perMs);
    }
    last = Math.max(last, times.at(-1) ?? 0);
  }
  // Twice the time that a perfect rate would take.
  expect(last).toBeLessThan(2 * perMs * ((2 * runs) / count));
});
