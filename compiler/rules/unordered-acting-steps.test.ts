import { expect, test } from "vitest";

import { declarations, diagnose, findings } from "./fixtures/findings.ts";

const flow = (body: string): string => `${declarations}\nflow main(text: string) {\n${body}\n}\n`;

test("two acting steps without order, where something can be undone", () => {
  expect(findings(flow("step a = put(text) { undo: put(text) }\nstep b = send(text)"))).toEqual([
    "AF4010 b: `a` and `b` both change something outside, but nothing says which comes first",
  ]);
  expect(findings(flow("step a = put(text)\nstep b = send(text)"))).toEqual([]);
});

test("order through data, after, blocks, or the word that there is none", () => {
  expect(findings(flow("step a = put(text) { undo: put(text) }\nstep b = send(a)"))).toEqual([]);
  expect(
    findings(flow("step a = put(text) { undo: put(text) }\nstep b = send(text) { after: a }")),
  ).toEqual([]);
  expect(
    findings(flow("step a = put(text) { undo: put(text) }\nstep b = send(text) { after: [] }")),
  ).toEqual([]);
  expect(
    findings(
      flow('step a = put(text) { undo: put(text) }\nstep b = if a == "x" {\n  send(text)\n}'),
    ),
  ).toEqual([]);
  expect(findings(flow("step a = put(text) { undo: put(text) }\nstep b = look(text)"))).toEqual([]);
});

test("branches exclude each other", () => {
  expect(
    findings(
      flow(
        'step a = if text == "x" {\n  step b = put(text) { undo: put(text) }\n} else {\n  step c = send(text)\n}',
      ),
    ),
  ).toEqual([]);
});

test("the fix gives the order", () => {
  const [found] = diagnose(flow("step a = put(text) { undo: put(text) }\nstep b = send(text)"));
  expect(found?.fixes?.[0]?.edits[0]?.text).toBe(" { after: a }");
});

test("branches that lack the same order are told once", () => {
  expect(
    findings(
      flow(
        'step a = put(text) { undo: put(text) }\nstep b = if text == "x" {\n  send(text)\n} else {\n  put(text)\n}',
      ),
    ),
  ).toEqual([
    "AF4010 send(text): `a` and the call in `b` both change something outside, but nothing says which comes first",
  ]);
});
