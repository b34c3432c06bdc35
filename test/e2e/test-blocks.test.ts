// What a `test` may hold, from the text to its result.
import { expect, test } from "vitest";

import { compile } from "../../compiler/index.ts";
import { runTest } from "../../testing/index.ts";

const program = `
model fast { use: "openai/gpt-5-mini" }
agent ask(text: string) -> string { model: fast, prompt: text }
tool put(text: string) -> string { http: "PUT https://a.example/x" }
flow inner(text: string) -> string { step said = ask(text) step done = put(said) output: done }
flow outer(text: string) -> string { step one = inner(text) output: "\${one}!" }
`;

function compiled(body: string) {
  return compile({ read: () => `${program}\ntest "t" { ${body} }` }, "main.agentflow");
}

function faultsOf(body: string): readonly string[] {
  return compiled(body).diagnostics.map(({ code, message }) => `${code} ${message}`);
}

function failuresOf(body: string): readonly string[] {
  expect(faultsOf(body)).toEqual([]);
  return compiled(body).tests.flatMap((plan) =>
    runTest(plan).failures.map(({ message }) => message),
  );
}

test("a stub stands for a flow, and for all that it would call", () => {
  expect(
    failuresOf(
      'stub: { inner: "x" } step r = outer("a") expect r == "x!" expect calls(inner) == 1',
    ),
  ).toEqual([]);
  expect(
    failuresOf(
      'stub: { inner: sequence([fail("not_found"), "x"]) } step r = outer("a") step q = outer("b") expect failed(r) == "not_found" expect q == "x!"',
    ),
  ).toEqual([]);
});

test("the flow that is run is run, whatever stands for it elsewhere", () => {
  expect(faultsOf('stub: { inner: "x" } step r = inner("a") expect r == "x"')).toEqual([
    "AF8004 `ask` and `put` have no answer in this test",
  ]);
});

test("calls of flows are counted", () => {
  expect(
    failuresOf(
      'stub: { ask: "a", put: "p" } step r = outer("a") step q = inner("b") expect calls(inner) == 2 expect calls(outer) == 1 expect calls(put) == 2 expect r == "p!" expect q == "p"',
    ),
  ).toEqual([]);
});

test("a `let` has its value in arguments and in what is expected", () => {
  expect(
    failuresOf(
      'let said = "hello" let louder = "${said}!" stub: { ask: "a", put: "p" } step r = outer(louder) let short = r.length expect short == 2',
    ),
  ).toEqual([]);
});

test("a step runs a flow, without settings of its own", () => {
  const stubs = 'stub: { ask: "a", put: "p" }';
  expect(faultsOf(`${stubs} step r = ask("a") expect r == "a"`)).toEqual([
    "AF8002 a step of a test runs a flow, and this calls something else",
  ]);
  expect(faultsOf(`${stubs} step r = if true { outer("a") } expect r != null`)).toEqual([
    "AF8002 a step of a test runs a flow, and this is `if`",
  ]);
  expect(faultsOf(`${stubs} step r = outer("a") { timeout: 5s } expect r == "p!"`)).toEqual([
    "AF2003 a step of a test starts a run, which has no settings",
  ]);
});

test("what is never called has no stub", () => {
  expect(
    faultsOf('stub: { ask: "a", put: "p", fast: "x" } step r = outer("a") expect r == "p!"'),
  ).toEqual(["AF8002 only agents, tools and flows are stubbed, and `fast` is a model"]);
});

test("a sequence has an answer", () => {
  expect(
    faultsOf(
      'stub: { ask: slow(1s, value: sequence([])), put: "p" } step r = outer("a") expect r == "p!"',
    ),
  ).toEqual(["AF8003 the stub of `ask` has no answer: its `sequence` is empty"]);
});
