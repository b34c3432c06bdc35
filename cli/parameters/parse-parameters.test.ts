import { expect, test } from "vitest";

import type { Json } from "../../plan/expression.ts";
import type { JsonSchema } from "../../plan/plan.ts";
import { UserMistake } from "../user-mistake.ts";
import { parseParameters } from "./parse-parameters.ts";

const record = (properties: { readonly [name: string]: JsonSchema }): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const nullable = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: "null" }] });

const schemas: { readonly [name: string]: JsonSchema } = {
  Item: record({ sku: { type: "string" }, count: { type: "integer", minimum: 1 } }),
};

const schema = record({
  topic: { type: "string" },
  count: { type: "integer" },
  share: { type: "number" },
  strict: { type: "boolean" },
  price: { type: "number", "x-agentflow": "money" },
  pause: { type: "integer", "x-agentflow": "duration" },
  mood: { enum: ["good", "bad"] },
  tags: { type: "array", items: { type: "string" } },
  items: { type: "array", items: { $ref: "#/$defs/Item" } },
  item: { $ref: "#/$defs/Item" },
  cardToken: nullable({ type: "string" }),
  limit: nullable({ type: "integer" }),
  extra: {},
  document: { type: "object", "x-agentflow": "file" },
  choice: {
    anyOf: [
      record({ kind: { const: "edit" }, text: { type: "string" } }),
      record({ kind: { const: "reject" } }),
    ],
  },
});

function parse(...words: readonly string[]): { readonly [name: string]: Json } {
  return parseParameters(words, {
    schema,
    scope: { schemas },
    owner: "flow f",
    readText: (path) => `{ "sku": ${JSON.stringify(path)}, "count": 2 }`,
    takeFile: (path) => ({ name: path }),
  });
}

function mistake(...words: readonly string[]): string {
  try {
    parse(...words);
  } catch (error) {
    if (error instanceof UserMistake) return [error.message, ...error.hints].join("\n");
    throw error;
  }
  throw new Error("accepted");
}

test("each type is written as one would write it", () => {
  expect(
    parse(
      "--topic",
      "bees and --more",
      "--count",
      "-5",
      "--share=0.5",
      "--price",
      "$12.50",
      "--pause",
      "5m",
    ),
  ).toEqual({
    topic: "bees and --more",
    count: -5,
    share: 0.5,
    price: 12.5,
    pause: 300_000,
  });
  expect(
    parse("--mood", "GOOD", "--limit", "null", "--extra", "{}", "--document", "a.pdf"),
  ).toEqual({
    mood: "good",
    limit: null,
    extra: {},
    document: { name: "a.pdf" },
  });
  expect(parse("--extra", "plain text")).toEqual({ extra: "plain text" });
});

test("a bool is a switch, and takes a word", () => {
  expect(parse("--strict", "--topic", "x")).toEqual({ strict: true, topic: "x" });
  expect(parse("--no-strict")).toEqual({ strict: false });
  expect(parse("--strict", "no")).toEqual({ strict: false });
  expect(parse("--strict=true")).toEqual({ strict: true });
});

test("a list is a repeated flag, what a shell makes of a pattern, or JSON", () => {
  expect(parse("--tags", "a", "--tags", "b")).toEqual({ tags: ["a", "b"] });
  expect(parse("--tags", "a", "b", "c", "--strict")).toEqual({
    tags: ["a", "b", "c"],
    strict: true,
  });
  expect(parse("--tags", '["a", "b"]')).toEqual({ tags: ["a", "b"] });
  expect(parse("--items", '{ "sku": "x", "count": 1 }')).toEqual({
    items: [{ sku: "x", count: 1 }],
  });
});

test("a record is JSON, a file, or its fields", () => {
  expect(parse("--item", '{ "sku": "x", "count": 1 }')).toEqual({ item: { sku: "x", count: 1 } });
  expect(parse("--item", "@order.json")).toEqual({ item: { sku: "order.json", count: 2 } });
  expect(parse("--item.sku", "x", "--item.count", "3")).toEqual({ item: { sku: "x", count: 3 } });
  expect(parse("--choice.kind", "edit", "--choice.text", "new")).toEqual({
    choice: { kind: "edit", text: "new" },
  });
  expect(parse("--card-token", "t")).toEqual({ cardToken: "t" });
});

test("a wrong value says which parameter, its type and an example", () => {
  expect(mistake("--count", "many")).toBe(
    "--count can't be `many`\nit takes int, a whole number\nfor example --count 5",
  );
  expect(mistake("--mood", "fine")).toBe(
    '--mood can\'t be `fine`\nit takes "good" | "bad"\nfor example --mood good',
  );
  expect(mistake("--pause", "5")).toContain(
    "it takes duration, a duration\nfor example --pause 5m",
  );
  expect(mistake("--item.count", "x")).toContain("--item.count can't be `x`");
  expect(mistake("--item", "x")).toContain("it takes Item = { sku: string, count: int(1..) }");
  expect(mistake("--topic")).toContain(
    '--topic needs a value\nit takes string\nfor example --topic "some text"',
  );
  expect(mistake("--strict", "maybe")).toBe(
    "--strict can't be `maybe`\nit takes bool, true or false\nfor example --strict true",
  );
  expect(mistake("--choice.kind", "edt")).toContain('it takes "edit" | "reject"');
});

test("an unknown flag offers the nearest and lists all", () => {
  const text = mistake("--topc", "bees");
  expect(text).toContain("flow f has no parameter `topc`\ndid you mean --topic?");
  expect(text).toContain("  --count int, a whole number");
  expect(mistake("bees")).toContain("`bees` is neither a flag nor the value of one");
  expect(mistake("--item.cuont", "1")).toContain("did you mean --item.count?");
  expect(mistake("--item.cuont", "1")).not.toContain("did you mean --count?");
});
