import { expect, test } from "vitest";

import type { Plan } from "../../plan/plan.ts";
import { block, flow, plan, value } from "../../test/simulation/plan-builder.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { deploy } from "./deploy.ts";

/** A program whose flow ticks once an hour, at this minute. */
function ticking(minute: number): Plan {
  const cron = { kind: "cron", zone: "UTC", misfire: "all", overlap: "queue" } as const;
  const triggers = [{ ...cron, expression: `${minute} * * * *` }];
  return plan({ flows: { main: flow("main", block([], value(minute)), { triggers }) } });
}

function given(of: Plan) {
  const deployment = { program: "p", planHash: of.hash, environment: "", folder: "/" };
  return { deployment: { ...deployment, mocked: true, atMs: 5 }, plan: of };
}

const [first, second, third] = [ticking(1), ticking(2), ticking(3)];

async function schedulesOf(store: MemoryStore): Promise<readonly string[]> {
  return (await store.schedules.list()).map(({ id }) => id);
}

test("of two deployments in the same moment one is refused, and told of the other", async () => {
  const store = new MemoryStore({ now: () => 5 });
  await deploy(store, given(first));
  const answers = await Promise.all([second, third].map((one) => deploy(store, given(one))));
  expect(answers).toMatchObject([
    { kind: "deployed", edition: 2 },
    { kind: "conflict", newest: { edition: 2, planHash: second.hash } },
  ]);
  expect(await schedulesOf(store)).toEqual(["p/main cron 2 * * * * UTC"]);
});

test("processes that start together and deploy the same are all content", async () => {
  const store = new MemoryStore({ now: () => 5 });
  const answers = await Promise.all([first, first].map((one) => deploy(store, given(one))));
  expect(answers).toMatchObject([{ edition: 1 }, { edition: 1 }]);
});

test("who replaces an edition that is not the newest is refused", async () => {
  const store = new MemoryStore({ now: () => 5 });
  const wants = (replaces: number, to: Plan) => deploy(store, { ...given(to), replaces });
  expect(await wants(1, first)).toEqual({ kind: "conflict", newest: null });
  expect(await wants(0, first)).toMatchObject({ edition: 1 });
  expect(await wants(1, second)).toMatchObject({ edition: 2 });
  expect(await wants(1, third)).toMatchObject({ kind: "conflict", newest: { edition: 2 } });
});

test("a deployment that falls behind while another one comes leaves the triggers of the newest", async () => {
  const store = new MemoryStore({ now: () => 5 });
  const { schedules } = store;
  const put = schedules.put.bind(schedules);
  let overtaken = false;
  schedules.put = async (schedule) => {
    if (!overtaken) {
      overtaken = true;
      expect(await deploy(store, given(second))).toMatchObject({ edition: 2 });
    }
    await put(schedule);
  };
  expect(await deploy(store, given(first))).toMatchObject({ kind: "deployed", edition: 1 });
  expect(await schedulesOf(store)).toEqual(["p/main cron 2 * * * * UTC"]);
});
