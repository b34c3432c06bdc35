// Random plans give the same, event by event, in one process, through PostgreSQL alone, and with BullMQ on Redis.
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Plan } from "../../plan/plan.ts";
import type { Runner } from "../../runner/index.ts";
import type { ModulePort } from "../../runner/ports/tool.ts";
import { startPrivateRedis } from "../../tools/services/private-redis.ts";
import type { PrivateRedis } from "../../tools/services/private-redis.ts";
import { eventData } from "../simulation/cast.ts";
import { Random, seeds } from "../simulation/random.ts";
import { randomPlan } from "../simulation/random-plan.ts";
import { modes, openMode } from "./modes.ts";
import type { Mode } from "./modes.ts";
import { normalForm } from "./normal-form.ts";
import type { NormalForm } from "./normal-form.ts";
import { oneByOne } from "./one-by-one.ts";

const patience = { timeout: 120_000 };

let redis: PrivateRedis;
beforeAll(async () => {
  redis = await startPrivateRedis();
}, 120_000);
afterAll(async () => {
  await redis.stop();
});

/** Every tool is the function of its own name; `flaky` fails twice under each key, wherever it is called. */
function cast(): ModulePort {
  const tries = new Map<string, number>();
  return {
    async call({ function: name, input, idempotencyKey }) {
      const times = (tries.get(idempotencyKey) ?? 0) + 1;
      tries.set(idempotencyKey, times);
      const n = typeof input["x"] === "number" ? input["x"] : 0;
      if (name === "flaky" && times < 3)
        return { ok: false, code: "unavailable", message: "not yet" };
      if ((name === "picky" && n % 3 === 0) || (name === "plus" && n % 5 === 4))
        return { ok: false, code: "boom", message: "not this" };
      return { ok: true, value: n + 1 };
    },
    check: () => Promise.resolve(null),
    close: () => Promise.resolve(),
  };
}

function withNamedFunctions(made: Plan): Plan {
  const { tools } = made.program;
  const named = Object.entries(tools).map(([name, tool]) => [
    name,
    {
      ...tool,
      reach: { kind: "module", module: "./tools.ts", function: name, secrets: {} },
      errors: { ...tool.errors, codes: ["boom"] },
    },
  ]);
  const program = { ...made.program, tools: Object.fromEntries(named) as typeof tools };
  return oneByOne({ ...made, program });
}

interface Trial {
  readonly seed: number;
  readonly plan: Plan;
  readonly input: { readonly p: number };
}

function trial(seed: number): Trial {
  const random = new Random(seed);
  return { seed, plan: withNamedFunctions(randomPlan(random)), input: { p: random.below(9) } };
}

async function carryAll(
  mode: Mode,
  trials: readonly Trial[],
): Promise<ReadonlyMap<number, NormalForm>> {
  // What `flaky` remembers is outside, as in the services that tools call.
  const outside = cast();
  const { runner, close } = await openMode({ mode, redisUrl: redis.url, modules: () => outside });
  try {
    const runs: { readonly seed: number; readonly run: string }[] = [];
    // One after the other, because those that keep the same state go in this order.
    for (const { seed, plan, input } of trials) {
      const started = await runner.start({ plan, flow: "main", input });
      if (!started.ok) throw new Error(`seed ${seed}: ${started.message}`);
      runs.push({ seed, run: started.run });
    }
    const forms = await Promise.all(
      runs.map(async ({ seed, run }) => {
        await toEnd(runner, run);
        return [seed, await normalForm(runner, run)] as const;
      }),
    );
    return new Map(forms);
  } finally {
    await close();
  }
}

/** Gives the run each event that it waits for. */
async function toEnd(runner: Runner, run: string): Promise<void> {
  const sent = new Set<string>();
  for (;;) {
    const { endedAtMs } = await runner.wait(run);
    if (endedAtMs !== null) return;
    const detail = await runner.show(run);
    for (const wait of detail?.waits ?? []) {
      if (wait.kind !== "event" || sent.has(wait.path)) continue;
      sent.add(wait.path);
      await runner.emit({ topic: wait.topic, data: eventData(wait.topic), id: run + wait.path });
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("histories, results and views of random plans", patience, async () => {
  const trials = seeds(30).map(trial);
  const carried = new Map<Mode, ReadonlyMap<number, NormalForm>>();
  for (const mode of modes) carried.set(mode, await carryAll(mode, trials));
  const embedded = carried.get("embedded");
  const ends = new Set<string>();
  for (const { seed } of trials) {
    const expected = embedded?.get(seed);
    ends.add(expected?.status ?? "");
    for (const mode of modes.slice(1))
      expect(carried.get(mode)?.get(seed), `seed ${seed}, ${mode}`).toEqual(expected);
  }
  if (trials.length > 1) expect(ends).toEqual(new Set(["succeeded", "failed"]));
});
