import { describe, expect, it } from "vitest";

import { helloProgram } from "./fixtures/hello-plan.ts";
import type { JsonSchema, Program } from "./plan.ts";
import { incompatibleStates } from "./state-changes.ts";

function program(schema: JsonSchema, names: { flow?: string; was?: string } = {}): Program {
  const hello = helloProgram.flows["hello"];
  if (hello === undefined) throw new Error("the fixture has changed");
  const state = {
    name: "memo",
    schema: "S",
    initial: { op: "value", value: null },
    per: { op: "value", value: "" },
  } as const;
  const flow = {
    ...hello,
    name: names.flow ?? "hello",
    states: [state],
    ...(names.was === undefined ? {} : { was: names.was }),
  };
  return {
    ...helloProgram,
    schemas: { ...helloProgram.schemas, S: schema },
    flows: { [flow.name]: flow },
  };
}

const text: JsonSchema = { type: "string" };
const record = (properties: Record<string, JsonSchema>): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const nullable = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: "null" }] });

function fits(before: JsonSchema, after: JsonSchema): boolean {
  return incompatibleStates(program(before), program(after)).length === 0;
}

describe("incompatibleStates", () => {
  it("reports a type that no stored value fits", () => {
    expect(incompatibleStates(program(text), program(record({ text })))).toEqual([
      {
        code: "AF7005",
        flow: "hello",
        state: "memo",
        message:
          "no value that the state `memo` of `hello` has stored as `string` fits its new type `{ text: string }`",
      },
    ]);
    expect(fits(text, { type: "integer" })).toBe(false);
    expect(fits({ type: "integer" }, { type: "integer", "x-agentflow": "duration" })).toBe(false);
    expect(fits({ type: "integer", maximum: 3 }, { type: "integer", minimum: 4 })).toBe(false);
    expect(fits({ type: "string", enum: ["a"] }, { type: "string", enum: ["b"] })).toBe(false);
    expect(fits(record({ a: text }), record({ a: text, b: text }))).toBe(false);
    expect(
      fits(
        { type: "array", items: text, minItems: 1 },
        { type: "array", items: { type: "boolean" }, minItems: 1 },
      ),
    ).toBe(false);
  });

  it("lets pass what some value fits", () => {
    expect(fits(text, { type: "string", maxLength: 10 })).toBe(true);
    expect(fits({ type: "integer" }, { type: "number" })).toBe(true);
    expect(fits(record({ a: text, b: text }), record({ a: text }))).toBe(true);
    expect(fits(record({ a: text }), record({ a: text, b: nullable(text) }))).toBe(true);
    expect(fits(nullable(text), text)).toBe(true);
    expect(
      fits({ type: "array", items: text }, { type: "array", items: { type: "integer" } }),
    ).toBe(true);
    expect(fits(text, { "x-agentflow": "json" })).toBe(true);
  });

  it("follows a flow to its new name", () => {
    const after = program({ type: "integer" }, { flow: "greet", was: "hello" });
    expect(incompatibleStates(program(text), after)).toHaveLength(1);
    expect(
      incompatibleStates(program(text), program({ type: "integer" }, { flow: "greet" })),
    ).toEqual([]);
  });
});
