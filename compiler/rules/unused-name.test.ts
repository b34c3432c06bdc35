import { expect, test } from "vitest";

import { applyFixes } from "../diagnostics/apply-fixes.ts";
import { diagnose, findings } from "./fixtures/findings.ts";

function fixed(text: string, files: Readonly<Record<string, string>> = {}): string | undefined {
  return applyFixes(diagnose(text, files), new Map([["main.agentflow", text]])).changed.get(
    "main.agentflow",
  );
}

test("imports", () => {
  const files = { "other.agentflow": 'let a = "a"\n\nlet b = "b"\n\nlet c = "c"\n' };
  const text = 'import { a, b, c } from "./other"\n\nflow main() -> string {\n  output: b\n}\n';
  expect(findings(text, files)).toEqual([
    "AF9001 a: nothing uses the import `a`",
    "AF9001 c: nothing uses the import `c`",
  ]);
  expect(fixed(text, files)).toBe(
    'import { b } from "./other"\n\nflow main() -> string {\n  output: b\n}\n',
  );
});

test("lets and parameters", () => {
  const text =
    "let far = 1\n\nflow main(text: string, other: string) -> string {\n  let near = text.upper()\n  output: text\n}\n";
  expect(findings(text)).toEqual([
    "AF9001 far: nothing uses the `let` `far`",
    "AF9001 other: nothing uses the parameter `other`",
    "AF9001 near: nothing uses the `let` `near`",
  ]);
  expect(fixed(text)).toBe(
    "\nflow main(text: string, other: string) -> string {\n  output: text\n}\n",
  );
});

test("a program with a fault gets no advice", () => {
  expect(
    findings("flow main(text: string) -> string {\n  output: texd\n}\n").filter((line) =>
      line.startsWith("AF9001"),
    ),
  ).toEqual([]);
});

test("what a tool sends by itself is used", () => {
  expect(
    findings('tool look(text: string) -> string { http: "GET https://a.example/look" }\n'),
  ).toEqual([]);
});

test("a parameter that a text names without its sign is told how it is inserted", () => {
  for (const written of ["Greet {name}.", "Greet {{ name }}.", "Greet $name."]) {
    const [unused] = diagnose(
      `model m { use: "openai/a" }\nagent greet(name: string) -> string { model: m, prompt: "${written}" }\n`,
    );
    expect([written, unused?.help]).toEqual([
      written,
      "a value is inserted into a text with `${name}`",
    ]);
  }
});
