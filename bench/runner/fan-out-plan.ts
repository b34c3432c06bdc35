import { planHash } from "../../plan/hash.ts";
import type { JsonSchema, Plan, Program, StepPlan } from "../../plan/plan.ts";
import { chainPlan } from "./chain-plan.ts";

/** How items depend on each other: not at all, or each on the one so many before it, by `key` and `needs`. */
export interface Dependence {
  readonly on: number;
}

const name = (of: string) => ({ op: "name", name: of }) as const;
const record = (properties: { readonly [field: string]: JsonSchema }): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const listOf = (schema: string): JsonSchema => ({
  type: "array",
  items: { $ref: `#/$defs/${schema}` },
});

const schemas: Program["schemas"] = {
  item: record({
    n: { type: "integer" },
    text: { type: "string" },
    needs: { type: "array", items: { type: "integer" } },
  }),
  items: listOf("item"),
  input: record({ xs: { $ref: "#/$defs/items" } }),
  given: record({ x: { $ref: "#/$defs/item" } }),
  found: record({ of: { type: "integer" }, text: { type: "string" } }),
  all: record({ ok: listOf("found"), failed: {} }),
};

/** A plan whose flow `all` calls one tool for each item of a list, so many at once, with failures tolerated. All values have types. */
export function fanOutPlan(maxItems: number, concurrency: number, dependence?: Dependence): Plan {
  const { program, ...rest } = chainPlan(1);
  const { chain } = program.flows;
  const { work } = program.tools;
  const [call] = chain?.body.steps ?? [];
  if (chain === undefined || call?.action.kind !== "call" || work === undefined)
    throw new Error("the chain has a step");
  const action = { ...call.action, input: "given" };
  const each: StepPlan = {
    name: "each",
    path: "all.each",
    phase: 0,
    waits: [],
    schema: "any",
    action: {
      kind: "for",
      variable: "x",
      list: name("xs"),
      body: {
        lets: [],
        steps: [{ ...call, path: "all.each[].s0", schema: "found", action }],
        output: name("s0"),
        outputWaits: ["s0"],
      },
      maxItems: { op: "value", value: maxItems },
      concurrency: { op: "value", value: concurrency },
      tolerate: { fraction: 0.1 },
      ...(dependence === undefined
        ? {}
        : {
            key: { op: "field", of: name("x"), name: "n" },
            needs: { op: "field", of: name("x"), name: "needs" },
          }),
    },
  };
  const whole: Program = {
    ...program,
    schemas: { ...program.schemas, ...schemas },
    tools: { work: { ...work, params: [{ name: "x", schema: "item" }], returns: "found" } },
    flows: {
      all: {
        ...chain,
        name: "all",
        params: [{ name: "xs", schema: "items" }],
        input: "input",
        returns: "all",
        body: { lets: [], steps: [each], output: name("each"), outputWaits: ["each"] },
      },
    },
  };
  return { ...rest, hash: planHash(whole), program: whole };
}
