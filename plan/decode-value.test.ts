import { describe, expect, it } from "vitest";

import { decodeValue } from "./decode-value.ts";
import type { Program } from "./plan.ts";
import { referTo } from "./schema-reference.ts";

const schemas: Program["schemas"] = {
  Mood: { type: "string", enum: ["negative", "neutral"] },
  Sentiment: {
    type: "object",
    properties: {
      confidence: { type: "number", minimum: 0, maximum: 1 },
      mood: referTo("Mood"),
      note: { anyOf: [{ type: "string" }, { type: "null" }] },
    },
    required: ["mood", "confidence", "note"],
    additionalProperties: false,
  },
  "Sentiment[2..3]": { type: "array", items: referTo("Sentiment"), minItems: 2, maxItems: 3 },
  Decision: {
    anyOf: [
      {
        type: "object",
        properties: { kind: { const: "yes" } },
        required: ["kind"],
        additionalProperties: false,
      },
      {
        type: "object",
        properties: { kind: { const: "no" }, why: { type: "string", maxLength: 3 } },
        required: ["kind", "why"],
        additionalProperties: false,
      },
    ],
  },
  time: { type: "string", format: "date-time" },
  date: { type: "string", format: "date" },
  email: { type: "string", format: "email" },
  money: { type: "number", "x-agentflow": "money" },
  int: { type: "integer" },
};

function problems(schema: string, value: Parameters<typeof decodeValue>[2]): readonly string[] {
  const decoded = decodeValue(schemas, schema, value);
  return decoded.ok ? [] : decoded.problems.map((problem) => `${problem.path}: ${problem.message}`);
}

describe("decodeValue", () => {
  it("puts fields in declared order and fills what may be left out", () => {
    const decoded = decodeValue(schemas, "Sentiment", { confidence: 1, mood: "neutral" });
    expect(decoded.ok && JSON.stringify(decoded.value)).toBe(
      '{"mood":"neutral","confidence":1,"note":null}',
    );
  });

  it("drops extra fields of tools and refuses those of models", () => {
    const value = { confidence: 1, mood: "neutral", extra: 1 };
    expect(decodeValue(schemas, "Sentiment", value, { extraFields: "drop" })).toEqual({
      ok: true,
      value: { mood: "neutral", confidence: 1, note: null },
    });
    expect(problems("Sentiment", value)).toEqual([": has an unknown field `extra`"]);
  });

  it("reports every fault with its path", () => {
    expect(problems("Sentiment[2..3]", [{ confidence: 2, mood: "sad" }])).toEqual([
      ": must have at least 2 items, not 1",
      '[0].mood: must be one of "negative", "neutral", not "sad"',
      "[0].confidence: must be at most 1, not 2",
    ]);
  });

  it("reports the faults of the union member that was meant", () => {
    expect(problems("Decision", { kind: "no", why: "long" })).toEqual([
      "why: must have at most 3 characters, not 4",
    ]);
    expect(problems("Decision", { kind: "maybe" })).toHaveLength(1);
  });

  it("knows real dates and times", () => {
    expect(problems("date", "2026-02-29")).toHaveLength(1);
    expect(problems("date", "2028-02-29")).toEqual([]);
    expect(decodeValue(schemas, "time", "2026-11-20T10:00:00+02:00")).toEqual({
      ok: true,
      value: "2026-11-20T08:00:00.000Z",
    });
    expect(problems("time", "tomorrow")).toHaveLength(1);
    expect(problems("time", "2026-11-31T10:00:00Z")).toHaveLength(1);
  });

  it("checks addresses, keeps six decimals of money and refuses half an int", () => {
    expect(problems("email", "nobody")).toHaveLength(1);
    expect(problems("email", "a@b.example")).toEqual([]);
    expect(decodeValue(schemas, "money", 0.1 + 0.2)).toEqual({ ok: true, value: 0.3 });
    expect(problems("int", 1.5)).toEqual([": must be a whole number, not 1.5"]);
  });
});
