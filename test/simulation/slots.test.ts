import { expect, it } from "vitest";

import type { Engine } from "../../runner/engine/engine.ts";
import { foldRun } from "../../runner/engine/fold.ts";
import type { FlowNode, Node } from "../../runner/engine/nodes.ts";
import {
  block,
  call,
  callTool,
  flow,
  name,
  param,
  plan,
  solo,
  step,
  tool,
  value,
} from "./plan-builder.ts";
import { Random, seeds } from "./random.ts";
import { World } from "./world.ts";
import type { WorldOptions } from "./world.ts";

/** `main` calls `pair` for three items at once, two of which may run anywhere; each of these calls `one`, which runs alone. */
const program = plan({
  flows: {
    main: flow(
      "main",
      block(
        [
          step("a", {
            kind: "for",
            variable: "i",
            list: value([1, 2, 3]),
            body: solo(call({ kind: "flow", name: "pair" }, { p: name("i") })),
            maxItems: value(3),
            concurrency: value(3),
          }),
        ],
        name("a"),
      ),
      { params: [param("p")] },
    ),
    pair: flow(
      "pair",
      block(
        [
          step("t", callTool("plain", name("p"))),
          step("o", call({ kind: "flow", name: "one" }, { p: name("t") }), ["t"]),
        ],
        name("o"),
      ),
      { params: [param("p")], concurrency: { limit: 2 } },
    ),
    one: flow("one", block([step("t", callTool("plain", name("p")))], name("t")), {
      params: [param("p")],
      concurrency: { limit: 1 },
    }),
  },
  tools: { plain: tool({ effect: "write", idempotency: true }) },
});
const limits: Readonly<Record<string, number>> = { pair: 2, one: 1 };

/** Flows with a limit that have begun and not ended, as the histories say. */
function running(engine: Engine): readonly string[] {
  const found: string[] = [];
  const isRunning = (node: FlowNode): boolean =>
    node.parent === null ? engine.phase !== "ended" : node.phase !== "slot";
  const walk = (node: Node): void => {
    if (node.kind === "flow" && node.code.plan.concurrency !== undefined && isRunning(node))
      found.push(node.code.plan.name);
    for (const child of node.children ?? []) walk(child);
  };
  if (engine.state.root !== null && !engine.state.root.ended) walk(engine.state.root);
  return found;
}

/** I14 by the histories of all runs, and how often a limit was reached. */
function watchLimits() {
  const known = new Map<string, { readonly seq: number; readonly flows: readonly string[] }>();
  let full = 0;
  const faults: string[] = [];
  const look = ({ store, plans }: World): void => {
    const counts = new Map<string, number>();
    for (const [run, { events }] of store.runs) {
      const seen = known.get(run);
      const flows =
        seen?.seq === events.length
          ? seen.flows
          : running(foldRun(events, (hash) => plans.get(hash)?.code ?? expect.fail(hash)));
      known.set(run, { seq: events.length, flows });
      for (const each of flows) counts.set(each, (counts.get(each) ?? 0) + 1);
    }
    for (const [each, count] of counts) {
      const limit = limits[each] ?? 0;
      if (count === limit) full += 1;
      if (count > limit) faults.push(`I14 ${each} runs ${count} times at once`);
    }
  };
  return { look, faults, full: () => full };
}

async function simulate(seed: number, fate: WorldOptions["fate"], cancels: boolean) {
  const random = new Random(seed);
  const watch = watchLimits();
  const world = new World({
    random,
    processes: 1 + random.below(3),
    tool: (_name, x) => ({ ok: true, value: x }),
    fate,
    meddle: (around) => {
      watch.look(around);
      if (random.chance(0.002) && around.processes.length > 0)
        random.pick(around.processes).freeze(random.below(25_000));
      if (!cancels || !random.chance(0.005)) return;
      const run = random.pick([...around.store.runs.keys()]);
      const item = { id: around.newId(), run, atMs: around.clock.now() };
      void around.store.deliver({ ...item, kind: "cancel", reason: "enough" });
    },
  });
  const flows = ["main", "main", "pair", "one", "main", "one", "pair"];
  for (const id of flows) await world.start(program, { p: 1 }, id);
  const ended = await world.runToEnd(600_000);
  expect(await world.faults(), `seed ${seed}`).toEqual([]);
  expect(watch.faults, `seed ${seed}`).toEqual([]);
  expect(ended, `seed ${seed}: the runs end`).toBe(true);
  expect(world.store.slots.lines.size, `seed ${seed}: nobody holds a slot`).toBe(0);
  return { world, full: watch.full() };
}

it("runs flows no more often at once than they allow, started or called, and all of them in the end", async () => {
  let full = 0;
  let deaths = 0;
  for (const seed of seeds(40)) {
    const random = new Random(seed + 1_000);
    const run = await simulate(
      seed,
      (_count, write) => {
        if (random.chance(0.93)) return "ok";
        const lost = write === "append" ? (["timeout-before", "timeout-after"] as const) : [];
        return random.pick([...lost, "ok", "crash-before", "crash-after"]);
      },
      seed % 2 === 0,
    );
    full += run.full;
    deaths += run.world.deaths;
  }
  if (seeds(2).length > 1) {
    expect(full).toBeGreaterThan(1_000);
    expect(deaths).toBeGreaterThan(100);
  }
});

it("loses no slot to a crash before or after any single write", async () => {
  for (const seed of seeds(1)) {
    const { writes } = (await simulate(seed, () => "ok", false)).world;
    for (let at = 1; at <= writes; at += 1)
      for (const fate of ["crash-before", "crash-after"] as const)
        await simulate(seed, (count) => (count === at ? fate : "ok"), false);
  }
});
