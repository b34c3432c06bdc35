import { expect, test } from "vitest";

import type { Expression } from "../plan/expression.ts";
import type { Plan } from "../plan/plan.ts";
import {
  agent,
  block,
  call,
  flow,
  model,
  name,
  param,
  plan,
  step,
  value,
} from "../test/simulation/plan-builder.ts";
import { openRunner } from "./index.ts";
import { MemoryStore } from "./store/memory-store.ts";

const question = "How do I return a parcel that has come too late?";

/** The call costs nothing, and finding a similar one does: two dollars per million tokens. */
function asking(cost: Expression | null): Plan {
  const cache = { ttlMs: 3_600_000, similarity: 0.95, model: "places" };
  const budget = cost === null ? {} : { budget: { cost } };
  const args = { question: value(question) };
  const ask = step("a", call({ kind: "agent", name: "answer" }, args, budget));
  return plan({
    schemas: { text: { type: "string" } },
    models: { fast: model(), places: model({ price: { input: 2, output: 0 } }) },
    agents: {
      answer: agent({ params: [param("question", { schema: "text" })], returns: "text", cache }),
    },
    flows: { main: flow("main", block([ask], name("a"))) },
  });
}

async function spend(cost: Expression | null) {
  const store = new MemoryStore({ now: () => 1_000_000 });
  const runner = await openRunner({ store, variables: {}, folder: "/" });
  const started = await runner.start({ plan: asking(cost), flow: "main", input: {} });
  const run = started.ok ? started.run : "";
  const end = await runner.wait(run);
  const used = await store.ledger.sum({ fromMs: 0, untilMs: 1e15, by: ["model"] });
  await runner.close();
  const places = used.find(({ group }) => group["model"] === "places");
  return { status: end.status, cost: end.cost, places };
}

test("having a text placed is a cost of the run, and stands in the ledger under its model", async () => {
  const { status, cost, places } = await spend(null);
  expect(status).toBe("succeeded");
  expect(places).toMatchObject({ calls: 1, cost });
  expect(cost).toBeGreaterThan(0);
});

test("what it can cost at most has to fit into the budget; else only an equal call is looked for", async () => {
  const most = (Buffer.byteLength(question) / 2 + 16) * 0.000_002;
  expect(await spend(value(most))).toMatchObject({ status: "succeeded", places: { calls: 1 } });
  expect(await spend(value(most - 0.000_002))).toEqual({ status: "succeeded", cost: 0 });
});
