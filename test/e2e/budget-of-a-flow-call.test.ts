import { expect, test } from "vitest";

import { compile } from "../../compiler/index.ts";
import { runTest } from "../../testing/index.ts";

const program = `model fast { use: "openai/gpt-5-mini" }

agent write(text: string) -> string {
  model: fast
  prompt: "\${text}"
}

tool plain(text: string) -> string { module: "./plain.ts#plain" }

flow twice(text: string) -> string {
  step first = write(text)
  step second = write(text: first)
  output: second
}

flow careful(text: string) -> string {
  step written = twice(text) {
    budget: { cost: $1.50 }
    fallback: plain(text)
  }
  output: written
}

flow strict(text: string) -> string {
  step written = twice(text) { budget: { cost: $1.50 } }
  output: written
}

flow generous(text: string) -> string {
  step written = twice(text) { budget: { cost: $2 } }
  output: written
}

test "the budget of a call holds for all that the called flow does" {
  stub: { write: costs($1, value: "written"), plain: "plain" }

  step a = careful("x")
  step b = strict("x")
  step c = generous("x")
  expect a == "plain"
  expect failed(b) == "budget_exceeded"
  expect c == "written"
}
`;

test("the budget of a call of a flow fails that call alone, and its fallback applies", () => {
  const { diagnostics, tests } = compile({ read: () => program }, "main.agentflow");
  expect(diagnostics).toEqual([]);
  expect(tests.map((plan) => runTest(plan).failures)).toEqual([[]]);
});
