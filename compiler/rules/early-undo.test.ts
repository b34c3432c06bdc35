import { expect, test } from "vitest";

import { declarations, findings } from "./fixtures/findings.ts";

const flow = (steps: string): readonly string[] =>
  findings(`${declarations}
flow main(text: string) -> string {
  step known = look(text)
  ${steps}
  output: known
}`);

test("an undo mentions what is done when its step is", () => {
  expect(flow("step done = put(known) { undo: send(known) }")).toEqual([]);
  expect(flow("step done = put(text) { undo: send(done) }")).toEqual([]);
  expect(flow("step done = put(text) { undo: send(text) }")).toEqual([]);
  expect(flow("step done = put(text) { after: known, undo: send(known) }")).toEqual([]);
  expect(flow("step done = put(text) { undo: send(known) }")).toEqual([
    "AF4010 known: the `undo` of `done` mentions `known`, which may not have ended when it is needed",
  ]);
});

test("also through others, and inside of blocks", () => {
  expect(flow("step next = look(known) step done = put(next) { undo: send(known) }")).toEqual([]);
  expect(flow('step all = if known == "" { step done = put(text) { undo: send(known) } }')).toEqual(
    [],
  );
  expect(
    flow('step all = if text == "" { step done = put(text) { undo: send(known) } }'),
  ).toHaveLength(1);
});
