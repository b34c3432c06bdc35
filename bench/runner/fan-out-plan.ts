import { planHash } from "../../plan/hash.ts";
import type { Plan, StepPlan } from "../../plan/plan.ts";
import { chainPlan } from "./chain-plan.ts";

/** A plan whose flow `all` calls one tool for each item of a list, so many at once, with failures tolerated. */
export function fanOutPlan(maxItems: number, concurrency: number): Plan {
  const { program, ...rest } = chainPlan(1);
  const { chain } = program.flows;
  const [call] = chain?.body.steps ?? [];
  if (chain === undefined || call === undefined) throw new Error("the chain has a step");
  const each: StepPlan = {
    name: "each",
    path: "all.each",
    phase: 0,
    waits: [],
    schema: "any",
    action: {
      kind: "for",
      variable: "x",
      list: { op: "name", name: "xs" },
      body: {
        lets: [],
        steps: [{ ...call, path: "all.each[].s0" }],
        output: { op: "name", name: "s0" },
        outputWaits: ["s0"],
      },
      maxItems: { op: "value", value: maxItems },
      concurrency: { op: "value", value: concurrency },
      tolerate: { fraction: 0.1 },
    },
  };
  const whole = {
    ...program,
    schemas: {
      ...program.schemas,
      list: {
        type: "object",
        properties: { xs: { type: "array", items: {} } },
        required: ["xs"],
        additionalProperties: false,
      },
    },
    flows: {
      all: {
        ...chain,
        name: "all",
        params: [{ name: "xs", schema: "any" }],
        input: "list",
        body: {
          lets: [],
          steps: [each],
          output: { op: "name", name: "each" },
          outputWaits: ["each"],
        },
      },
    },
  } as const;
  return { ...rest, hash: planHash(whole), program: whole };
}
