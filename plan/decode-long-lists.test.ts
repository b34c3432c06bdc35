import { expect, test } from "vitest";

import { allSteps } from "../base/all-steps.ts";
import { decodeSteps, decodeValue } from "./decode-value.ts";
import type { Json } from "./expression.ts";
import type { Program } from "./plan.ts";

const item = {
  type: "object",
  properties: { n: { type: "integer" }, tags: { type: "array", items: { type: "string" } } },
  required: ["n", "tags"],
  additionalProperties: false,
} as const;
const schemas: Program["schemas"] = {
  item,
  input: {
    type: "object",
    properties: { xs: { type: "array", items: { $ref: "#/$defs/item" } } },
    required: ["xs"],
    additionalProperties: false,
  },
};
const many = (count: number): Json[] => Array.from({ length: count }, (_, n) => ({ tags: [], n }));

test("a long list is decoded in steps as it is at once", () => {
  const value = { xs: many(3_000) };
  const steps = decodeSteps(schemas, "input", value);
  let taken = 0;
  for (;;) {
    const step = steps.next();
    if (step.done === true) {
      expect(step.value).toEqual(decodeValue(schemas, "input", value));
      break;
    }
    taken += 1;
  }
  expect(taken).toBeGreaterThan(10);
});

test("what is wrong with an item, or within a long list in it, is found in steps, too", () => {
  const xs = many(3_000);
  xs[2_500] = { n: 1, tags: Array.from({ length: 2_000 }, (_, at) => (at === 1_500 ? 7 : "t")) };
  const decoded = allSteps(decodeSteps(schemas, "input", { xs }));
  expect(decoded).toEqual({
    ok: false,
    problems: [{ path: "xs[2500].tags[1500]", message: "must be text, not 7" }],
  });
});

test("a list that was decoded is passed on as it is; the one it was made of may change", () => {
  const xs = many(2_000);
  const list = (value: Json): readonly Json[] => {
    const decoded = decodeValue(schemas, "input", { xs: value });
    return decoded.ok ? (decoded.value as { readonly xs: readonly Json[] }).xs : [];
  };
  const first = list(xs);
  expect(list(first)).toBe(first);
  xs.push({ n: 2_000, tags: [] });
  expect(list(xs)).toHaveLength(2_001);
  const other: Program["schemas"] = { ...schemas };
  const again = decodeValue(other, "input", { xs: first });
  expect(again.ok && (again.value as { readonly xs: Json }).xs === first).toBe(false);
});
