import { expect, test } from "vitest";

import { check } from "../compile.ts";
import { parse } from "./parse.ts";

const says = (lines: string): readonly string[] => {
  const text = `tool t(x: int) -> int { http: "GET https://t.example/", auth: "none" }
flow f(x: int) -> int {
  step a = t(x)
  ${lines}
  output: a
}`;
  return check({ read: () => text }, ["main.agentflow"]).diagnostics.map(
    ({ code, span, message, help }) =>
      `${code} ${text.slice(span.start, span.end)}: ${message}; ${help ?? ""}`,
  );
};

test.each([
  "while (a < 3) {\n step b = t(a)\n output: b\n }",
  "while a < 3 {\n step b = t(a)\n output: b\n }",
  "step c = while (a < 3) { t(a) }",
  "step c = while a < 3 { t(a) }",
])("`while` is one error that shows the way to `repeat`: %s", (lines) => {
  expect(says(lines)).toEqual([
    "AF1002 while: there is no `while`: rounds are repeated with `repeat`; write `repeat { maxRounds: 10, until: !(a < 3), … }`; `until` is tested after each round, and sees the steps inside",
  ]);
});

test("the steps inside a `while` stay in the tree", () => {
  const { tree } = parse("f", "flow f() { while (a < 3) { step b = t(a) } }");
  expect(JSON.stringify(tree)).toContain('"kind":"step"');
});

test.each(["switch (a) {\n case 1: t(a)\n default: t(x)\n }", "step c = switch a { 1 => t(a) }"])(
  "`switch` is one error that shows the way to `match`: %s",
  (lines) => {
    expect(says(lines)).toEqual([
      'AF1002 switch: there is no `switch`: a choice among values is written with `match`; write `match a { "a" => …, else => … }`',
    ]);
  },
);

test.each([
  "try {\n step b = t(a)\n } catch (e) {\n step c = t(x)\n } finally { t(x) }",
  "step b = try { t(a) } catch { t(x) }",
])("`try` is one error that shows the way to `fallback`: %s", (lines) => {
  expect(says(lines)).toEqual([
    "AF1002 try: there is no `try`: what happens on failure is said where the call is; write `step name = call(…) { attempts: 3, fallback: other(…) }`",
  ]);
});

test.each(["let g = y => y + 1", "let g = (y) => y + 1", "step b = (y) => { t(y) }"])(
  "a function is no value: %s",
  (lines) => {
    expect(says(lines).map((line) => line.replace(/;.*/u, ""))).toEqual([
      expect.stringMatching(/^AF1002 .*: a function such as `x => …` is no value/u) as string,
    ]);
  },
);

test("an agent may be called `while`", () => {
  const text = `role r(x: int) -> int
tool while(x: int) -> int { http: "GET https://t.example/", auth: "none" }
flow f(x: int) -> int {
  step a = while(x) { attempts: 2 }
  output: a
}`;
  expect(check({ read: () => text }, ["main.agentflow"]).diagnostics).toEqual([]);
});
