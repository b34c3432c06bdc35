import { expect, test } from "vitest";

import { assert, AssertionFailed, required, unreachable } from "./assert.ts";

test("a true condition passes and its costly message is never built", () => {
  assert(1 + 1 === 2, () => {
    throw new Error("built");
  });
});

test("a false condition stops with the message", () => {
  expect(() => assert(false, "sequence has a gap")).toThrow(
    new AssertionFailed("sequence has a gap"),
  );
  expect(() => assert(0, () => "lazy")).toThrow(AssertionFailed);
});

test("required unwraps everything but null and undefined", () => {
  expect(required(0, "no number")).toBe(0);
  expect(required("", "no text")).toBe("");
  expect(required(false, "no flag")).toBe(false);
  expect(() => required(undefined, "no value")).toThrow("no value");
  expect(() => required(null, "no value")).toThrow(AssertionFailed);
});

test("unreachable names what it got", () => {
  expect(() => unreachable({ kind: "goto" } as never)).toThrow("unexpected case: { kind: goto }");
  expect(() => unreachable("x" as never, "verb")).toThrow("unexpected verb: x");
  expect(() => unreachable([] as never)).toThrow("unexpected case: [object Array]");
});
