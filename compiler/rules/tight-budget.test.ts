import { expect, test } from "vitest";

import { findings } from "./fixtures/findings.ts";

const program = (cost: string, price = "price: { input: $1, output: $1 }"): string => `
model fast { use: "openai/gpt-5-mini", ${price}, maxInput: 10k, maxOutput: 1k }
agent write(text: string) -> string { model: fast, prompt: "\${text}" }
flow main(text: string) -> string {
  budget: { cost: ${cost} }
  step a = write(text)
  output: a
}
`;

test("the worst case is compared with the budget", () => {
  expect(findings(program("$0.05"))).toEqual([
    "AF5004 budget: { cost: $0.05 }: in the worst case a run of `main` uses $0.066, but its budget is $0.05",
  ]);
  expect(findings(program("$0.07"))).toEqual([]);
});

test("without a price nothing is guessed", () => {
  expect(findings(program("$0.01", "temperature: 0.5"))).toEqual([]);
});

const nested = (agent: string, call: string): string => `
model fast { use: "openai/gpt-5-mini", price: { input: $1, output: $1 }, maxInput: 10k, maxOutput: 1k }
agent write(text: string) -> string { model: fast, prompt: "\${text}" ${agent} }
flow main(texts: string[..10]) -> string[] {
  step all = for text in texts { write(text) ${call} }
  output: all
}
`;

test("budgets of calls, blocks and agents are compared, too, each with its own worst case", () => {
  expect(findings(nested("budget: { cost: $0.05 }", ""))).toEqual([
    "AF5004 budget: { cost: $0.05 }: in the worst case a call of `write` uses $0.066, but its budget is $0.05",
  ]);
  expect(findings(nested("", "{ budget: { cost: $0.05 } }"))).toEqual([
    "AF5004 budget: { cost: $0.05 }: in the worst case this call uses $0.066, but its budget is $0.05",
  ]);
  expect(findings(nested("", "budget: { tokens: 100k }"))).toEqual([
    "AF5004 budget: { tokens: 100k }: in the worst case the step `all` uses 660000 tokens, but its budget is 100000",
  ]);
  expect(findings(nested("", "{ budget: { cost: $0.07 } }"))).toEqual([]);
});
