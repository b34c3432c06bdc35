import { expect, test } from "vitest";

import { findings } from "./fixtures/findings.ts";

const program = (budget: string, body: string): string => `
model strong { use: "openai/gpt-5", price: { input: $1, output: $10 }, maxInput: 1k, maxOutput: 100k }
agent write(text: string) -> string { model: strong, prompt: "\${text}" }
flow main(text: string) -> string? {
  budget: ${budget}
  ${body}
}
`;

test("a call that always happens must fit", () => {
  const call = "step a = write(text)\noutput: a";
  expect(findings(program("{ cost: $0.50 }", call))).toEqual([
    "AF5003 budget: { cost: $0.50 }: one call of `write` reserves $1.00 for its answer, more than this budget of $0.50",
  ]);
  expect(findings(program("{ tokens: 50k }", call))).toHaveLength(1);
  expect(findings(program("{ cost: $100 }", call))).toEqual([]);
});

test("a call that may not happen only warns", () => {
  const codes = findings(
    program("{ cost: $0.50 }", 'step a = if text == "x" {\n  write(text)\n}\noutput: a'),
  ).map((line) => line.slice(0, 6));
  expect(codes).toEqual(["AF5004"]);
});
