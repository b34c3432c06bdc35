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

const models = `
model strong { use: "openai/gpt-5", price: { input: $1, output: $10 }, maxInput: 1k, maxOutput: 100k }
model small { use: "openai/gpt-5", price: { input: $1, output: $10 }, maxInput: 1k, maxOutput: 1k }
agent write(text: string) -> string { model: strong, prompt: text }
`;

test("a call of a flow that always makes one must fit, too", () => {
  const [found, ...others] = findings(`${models}
flow main(text: string) -> string { budget: { cost: $0.50 } step a = outer(text) output: a }
flow outer(text: string) -> string {
  step a = repeat { step b = inner(text) maxRounds: 2 until: b == "" output: b }
  output: a
}
flow inner(text: string) -> string { step a = write(text) output: a }
`);
  expect(others).toEqual([]);
  expect(found).toContain("AF5003 budget: { cost: $0.50 }: one call of `write` reserves $1.00");
});

test("of a role, everybody who may answer must be too dear", () => {
  const role = (second: string): readonly string[] =>
    findings(`${models}
role writer(text: string) -> string
agent one: writer { model: strong, prompt: text }
agent two: writer { model: ${second}, prompt: text }
flow main(text: string) -> string { budget: { cost: $0.50 } step a = writer(text) output: a }
`).map((line) => line.slice(0, 6));
  expect(role("strong")).toEqual(["AF5003"]);
  expect(role("small")).toEqual(["AF5004"]);
});

test("the budget of an agent must do for one request", () => {
  expect(
    findings(`${models}
agent poor(text: string) -> string { model: strong, prompt: text, budget: { cost: $0.50 } }
flow main(text: string) -> string { step a = poor(text) output: a }
`),
  ).toEqual([
    "AF5003 budget: { cost: $0.50 }: one call of `poor` reserves $1.00 for its answer, more than this budget of $0.50",
  ]);
});

test("who is asked first is asked for certain, whoever it hands over to", () => {
  expect(
    findings(`${models}
agent other(text: string) -> string { model: small, prompt: text }
flow main(text: string) -> string {
  step a = write(text) { budget: { cost: $0.50 }, handoffs: { write: [other] } }
  output: a
}
`).map((line) => line.slice(0, 6)),
  ).toEqual(["AF5003"]);
});
