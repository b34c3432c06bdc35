import { expect, it } from "vitest";

import type { Json } from "../../plan/expression.ts";
import type { Misfortunes } from "./misfortunes.ts";
import { simulateAll } from "./misfortunes.ts";
import { Random, seeds } from "./random.ts";
import { randomPlan } from "./random-plan.ts";
import { interpret } from "./reference.ts";
import type { Outcome } from "./reference.ts";
import type { Fate } from "./sim-process.ts";
import { undoLedger } from "./undo-ledger.ts";
import { World } from "./world.ts";
import type { WorldOptions } from "./world.ts";

function lastTry(name: string, x: Json): Outcome {
  const n = typeof x === "number" ? x : 0;
  return name === "picky" && n % 3 === 0 ? { ok: false, code: "boom" } : { ok: true, value: n + 1 };
}

const tool: WorldOptions["tool"] = (name, x, attempt) =>
  name === "flaky" && attempt < 3 ? { ok: false, code: "unavailable" } : lastTry(name, x);

const tenMinutes = 600_000;

const happened = {
  states: 0,
  crashes: 0,
  interruptions: 0,
  deeds: 0,
  takeovers: 0,
  requests: 0,
  answers: 0,
};

function harm(misfortunes: Misfortunes, count: number, write: string): Fate {
  const likely = write === "append" ? 0.08 : 0.03;
  const fate = misfortunes.draw<Fate>(likely, (own) => {
    const what = own.pick(
      write === "append"
        ? (["timeout-before", "timeout-after", "crash-before", "crash-after"] as const)
        : (["crash-before", "crash-after"] as const),
    );
    return { what, name: `${what} of write ${count}, ${write}` };
  });
  return fate ?? "ok";
}

it("runs to the same end with several processes that crash, stand still and lose replies", async () => {
  await simulateAll(80, async (seed, misfortunes) => {
    const random = new Random(seed);
    const world = new World({
      random,
      processes: 1 + random.below(3),
      tool,
      fate: (count, write) => harm(misfortunes, count, write),
      meddle: ({ processes }) => {
        misfortunes.draw(processes.length > 0 ? 0.002 : 0, (own) => {
          const process = own.pick(processes);
          const forMs = own.below(25_000);
          process.freeze(forMs);
          return { what: true, name: `${process.options.name} stands still for ${forMs} ms` };
        });
      },
    });
    const expected = new Map<string, Outcome>();
    const once = random.chance(0.3);
    // Runs that keep the same state never overlap, and go in the order in which they were started.
    let total = 0;
    let keeping = 0;
    for (let count = 0; count < 2; count += 1) {
      const plan = randomPlan(random, { once });
      const input = { p: random.below(9) };
      const states = { total };
      const outcome = interpret(plan, { flow: "main", input, tool: lastTry, states });
      expected.set(await world.start(plan, input), outcome);
      const { main } = plan.program.flows;
      if (main === undefined || main.states.length === 0) continue;
      keeping += 1;
      // What a flow's fallback gives keeps no state: the steps that it follows from are not there.
      const { fallback: _fallback, ...bare } = main;
      const { program } = plan;
      const alone = { ...plan, program: { ...program, flows: { ...program.flows, main: bare } } };
      if (interpret(alone, { flow: "main", input, tool: lastTry, states }).ok) total += input.p + 1;
    }
    const ended = await world.runToEnd(tenMinutes);
    count(world);
    expect(await world.faults(), `seed ${seed}`).toEqual([]);
    expect(ended, `seed ${seed}: the runs end`).toBe(true);
    const address = { flow: "main", name: "total", key: "all" };
    const { stored } = await world.store.readState(address);
    if (!once && keeping > 0) expect(stored?.value ?? 0, `seed ${seed}`).toBe(total);
    happened.states += keeping > 1 && total > 0 ? 1 : 0;
    for (const [run, outcome] of once ? [] : expected) {
      const head = await world.store.head(run);
      expect(head?.status, `seed ${seed} run ${run}`).toBe(outcome.ok ? "succeeded" : "failed");
      if (outcome.ok)
        expect(stripped(await world.store.output(run)), `seed ${seed} run ${run}`).toEqual(
          stripped(outcome.value),
        );
    }
  });
  if (seeds(2).length > 1)
    expect(
      Object.entries(happened).every(([what, times]) => times > (what === "states" ? 3 : 50)),
      JSON.stringify(happened),
    ).toBe(true);
});

it("survives a crash before or after every single write", async () => {
  for (const seed of seeds(3)) {
    const total = (await sweep(seed, () => "ok")).writes;
    for (let at = 1; at <= total; at += 1) {
      for (const fate of ["crash-before", "crash-after"] as const) {
        const world = await sweep(seed, (count) => (count === at ? fate : "ok"));
        expect(await world.faults(), `seed ${seed}, ${fate} write ${at}`).toEqual([]);
      }
    }
  }
});

it("ends cancelled runs with everything undone, whenever the cancellation comes", async () => {
  let cancelled = 0;
  await simulateAll(60, async (seed, misfortunes) => {
    const random = new Random(seed);
    const world = new World({
      random,
      processes: 2,
      tool,
      fate: (count, write) =>
        misfortunes.draw<Fate>(write === "append" ? 0.03 : 0, (own) => {
          const what = own.pick(["timeout-after", "crash-before", "crash-after"] as const);
          return { what, name: `${what} of write ${count}, ${write}` };
        }) ?? "ok",
      meddle: ({ store, clock }) => {
        const isNow = misfortunes.draw(0.1, () => ({ what: true, name: "a cancellation" }));
        if (isNow === null) return;
        const id = world.newId();
        store
          .deliver({ kind: "cancel", reason: "enough", id, run, atMs: clock.now() })
          .catch(() => undefined);
      },
    });
    const plan = randomPlan(random);
    const run = await world.start(plan, { p: random.below(9) });
    const ended = await world.runToEnd(tenMinutes);
    expect([ended, await world.faults()], `seed ${seed}`).toEqual([true, []]);
    const head = await world.store.head(run);
    if (head?.status === "cancelled") cancelled += 1;
    if (head?.status === "succeeded" || (await world.store.output(run)) !== null) return;
    const code = world.plans.get(plan.hash)?.code;
    const ledger =
      code === undefined ? null : undoLedger(await world.store.events(run, { afterSeq: 0 }), code);
    expect(ledger?.undone, `seed ${seed}`).toEqual(ledger?.finished);
  });
  if (seeds(2).length > 1) expect(cancelled).toBeGreaterThan(15);
});

/** The faults are worth nothing if they do not happen. */
function count(world: World): void {
  happened.deeds += world.deeds.length;
  happened.crashes += world.deaths;
  happened.requests += world.requests;
  happened.answers += world.answers;
  for (const { events, head } of world.store.runs.values()) {
    happened.interruptions += events.filter((event) => event.kind === "run.interrupted").length;
    happened.takeovers += head.epoch - 1;
  }
}

async function sweep(seed: number, fate: WorldOptions["fate"]): Promise<World> {
  const random = new Random(seed);
  const plan = randomPlan(random, { once: false });
  const input = { p: random.below(9) };
  const world = new World({ random, processes: 1, tool, fate });
  const run = await world.start(plan, input);
  const expected = interpret(plan, { flow: "main", input, tool: lastTry });
  expect(await world.runToEnd(tenMinutes), `seed ${seed}: the run ends`).toBe(true);
  const head = await world.store.head(run);
  expect(
    [head?.status, expected.ok ? stripped(await world.store.output(run)) : null],
    `seed ${seed}`,
  ).toEqual([expected.ok ? "succeeded" : "failed", expected.ok ? stripped(expected.value) : null]);
  return world;
}

function stripped(value: Json): Json {
  return JSON.parse(
    JSON.stringify(value, (key, inner: Json) => (key === "error" ? null : inner)),
  ) as Json;
}
