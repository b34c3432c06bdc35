import { expect, test } from "vitest";

import type { JsonSchema } from "../../plan/plan.ts";
import { FormLeft, fillForm } from "./answer-form.ts";

const record = (
  properties: { readonly [name: string]: JsonSchema },
  description?: string,
): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  ...(description === undefined ? {} : { description }),
});

async function fill(
  schema: JsonSchema,
  typed: readonly string[],
): Promise<{ value: unknown; shown: string }> {
  const lines: string[] = [];
  const left = [...typed];
  const value = await fillForm(schema, {
    scope: { schemas: {} },
    readText: () => "",
    takeFile: () => null,
    dialogue: {
      say: (line) => void lines.push(line),
      ask: async (prompt) => {
        lines.push(prompt);
        return left.shift() ?? null;
      },
    },
  });
  expect(left).toEqual([]);
  return { value, shown: lines.join("\n") };
}

const approval = record({
  approved: { type: "boolean" },
  note: { anyOf: [{ type: "string" }, { type: "null" }] },
});

test("a record is asked field by field; an empty line is null where that is allowed", async () => {
  const { value, shown } = await fill(approval, ["yes", ""]);
  expect(value).toEqual({ approved: true, note: null });
  expect(shown).toBe("  approved (yes | no): \n  note (string?, may be empty): ");
});

test("what does not fit is asked again with the reason", async () => {
  const { value, shown } = await fill(approval, ["perhaps", "n", "too dear"]);
  expect(value).toEqual({ approved: false, note: "too dear" });
  expect(shown).toContain("approved can't be `perhaps`; it takes bool, true or false");
});

test("a union asks for the field that tells its members apart, then for the rest of that member", async () => {
  const decision: JsonSchema = {
    anyOf: [
      record({ choice: { const: "approve" } }),
      record(
        { choice: { const: "edit" }, text: { type: "string" } },
        "The answer goes out with these words.",
      ),
    ],
  };
  const { value, shown } = await fill(decision, ["e", "Better words"]);
  expect(value).toEqual({ choice: "edit", text: "Better words" });
  expect(shown).toContain("  edit: The answer goes out with these words.");
});

test("lists and plain values", async () => {
  expect(
    (await fill({ type: "array", items: { type: "integer" } }, ["1", "x", "2", ""])).value,
  ).toEqual([1, 2]);
  expect((await fill({ type: "string" }, ["words"])).value).toBe("words");
});

test("leaving the form leaves the question open", async () => {
  await expect(fill(approval, ["yes"])).rejects.toBeInstanceOf(FormLeft);
});
