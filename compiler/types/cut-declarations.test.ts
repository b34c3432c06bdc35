import { expect, test } from "vitest";

import { shown } from "./fixtures/check-text.ts";

/** A declaration of which the parser can keep the name only, and a flow that needs all of it. */
const call = 'flow main(a: string) -> string { step b = save(a, note: a) output: "${b.id}" }';

test.each([
  [
    'tool save(id: string, note: string) -> { id: string } { http: "PUT https://a.example", ..}again, attempts: 2 }',
    "..",
  ],
  [
    'tool save(id: "a" | "bx, note: string) -> { id: string } { http: "PUT https://a.example" }',
    "PUT",
  ],
])("nothing is said of who calls what was cut short: %s", (declaration, at) => {
  expect(shown(`${declaration}\n${call}`)).toEqual([`AF1002 ${at}`]);
});

test("nothing is said of who uses a type that was cut short", () => {
  const user = "flow main(all: Item) -> string { output: all.name }";
  expect(shown(`type Item { share: float(0}.1), name: string }\n${user}`)).toEqual(["AF1002 }"]);
  expect(shown(`type Item { share: float(0..1), name: string }\n${user}`)).toEqual([]);
});
