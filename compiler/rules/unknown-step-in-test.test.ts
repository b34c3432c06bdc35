import { expect, test } from "vitest";

import { declarations, findings } from "./fixtures/findings.ts";

const program = (path: string): string => `${declarations}
flow inner(text: string) -> string {
  step deep = write(text)
  output: deep
}
flow main(text: string) -> string? {
  step a = if text == "x" {
    step b = inner(text)
    output: b
  }
  output: a
}
test "it works" {
  stub: { write: "x" }
  step result = main("x")
  expect ran(${path})
}
`;

test("paths lead through blocks and called flows", () => {
  for (const fine of ["main.a", "main.a.b", "main.a.b.deep"])
    expect(findings(program(fine))).toEqual([]);
  expect(findings(program("main.a.c"))).toEqual(["AF8001 c: `main.a` has no step `c`"]);
  expect(findings(program("main.b"))).toHaveLength(1);
});
