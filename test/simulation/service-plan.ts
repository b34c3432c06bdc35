import { planHash } from "../../plan/hash.ts";
import type { FlowPlan, Plan, TriggerPlan } from "../../plan/plan.ts";
import { block, callTool, flow, name, param, plan, step, tool, value } from "./plan-builder.ts";
import type { Random } from "./random.ts";

export const cap = 2;
export const rate = { count: 4, perMs: 10_000 };
export const pace = { count: 3, perMs: 10_000 };
export const debounceMs = 4_000;
export const batch = { size: 3, withinMs: 8_000 };

/** Called by everything: two calls at once in all processes together, and not more than four in ten seconds. */
const shared = tool({ effect: "write", idempotency: true, concurrency: cap, rate });
const free = tool({ effect: "write", idempotency: true });

/** Topics, each of which is heard by one flow. */
export const topics = ["news.today", "now", "calm", "many", "paced"] as const;
export type Topic = (typeof topics)[number];

/** Flows by the topic that they hear. */
export const flowOf: Readonly<Record<Topic, string>> = {
  "news.today": "heard",
  now: "latest",
  calm: "calmed",
  many: "gathered",
  paced: "paced",
};

export function servicePlan(random: Random): Plan {
  const two = block(
    [step("a", callTool("shared", name("p"))), step("b", callTool("shared", name("a")), ["a"])],
    name("b"),
  );
  const one = block([step("a", callTool("shared", name("p")))], name("a"));
  const easy = block(
    [step("a", callTool("free", name("p"))), step("b", callTool("free", name("a")), ["a"])],
    name("b"),
  );
  const ticks: TriggerPlan = {
    kind: "cron",
    expression: "* * * * *",
    zone: "UTC",
    misfire: random.pick(["once", "all", "skip"]),
    overlap: random.pick(["queue", "skip", "replace"]),
    input: { p: value(1) },
  };
  return plan({
    tools: { shared, free },
    flows: {
      ticked: flow("ticked", two, { params: [param("p")], triggers: [ticks] }),
      heard: hearing("heard", one, { topic: "news.*" }),
      latest: hearing(
        "latest",
        easy,
        { topic: "now", overlap: "replace" },
        { concurrency: { limit: 1 } },
      ),
      calmed: hearing("calmed", easy, { topic: "calm", debounceMs }),
      gathered: hearing("gathered", easy, { topic: "many", batch }),
      paced: hearing("paced", easy, { topic: "paced" }, { rate: pace }),
      alone: flow("alone", two, { params: [param("p")], concurrency: { limit: 1 } }),
    },
  });
}

/** The same triggers and flows, of which one gets something else. */
export function nextEdition(former: Plan, edition: number): Plan {
  const { ticked, ...flows } = former.program.flows;
  const triggers = ticked?.triggers.map((trigger) => ({
    ...trigger,
    input: { p: value(edition) },
  }));
  if (ticked === undefined || triggers === undefined) throw new TypeError("no flow to change");
  const program = { ...former.program, flows: { ticked: { ...ticked, triggers }, ...flows } };
  return { ...former, program, hash: planHash(program) };
}

function hearing(
  flowName: string,
  body: FlowPlan["body"],
  trigger: Partial<TriggerPlan> & { readonly topic: string },
  more: Partial<FlowPlan> = {},
): FlowPlan {
  const event = { kind: "event", input: { p: value(2) }, overlap: "queue", ...trigger } as const;
  return flow(flowName, body, {
    params: [param("p")],
    triggers: [event as TriggerPlan],
    ...more,
  });
}
