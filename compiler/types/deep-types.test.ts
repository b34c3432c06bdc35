import { expect, test } from "vitest";

import { check } from "../compile.ts";

const says = (text: string): readonly string[] => {
  const host = { read: (path: string) => (path === "main.agentflow" ? text : null) };
  return check(host, ["main.agentflow"]).diagnostics.map(({ code }) => code);
};

const chainOf = (count: number, type: (inner: string) => string): readonly string[] => [
  "type T0 = int",
  ...Array.from({ length: count }, (_, index) => `type T${index + 1} = ${type(`T${index}`)}`),
];

const bothWays = (types: readonly string[]): readonly string[] =>
  [types, types.toReversed()].map((lines) => lines.join("\n"));

test("a chain of names for one type is followed to its end, wherever the types stand", () => {
  const flow = "flow f(a: T1000) -> string { output: a }";
  for (const types of bothWays(chainOf(1_000, (inner) => inner)))
    expect(says(`${types}\n${flow}`)).toEqual(["AF3001"]);
});

test.each([
  (inner: string) => `${inner}[]`,
  (inner: string) => `{ inner: ${inner} }`,
  (inner: string) => `{ kind: "a", inner: ${inner} } | { kind: "b" }`,
])("types may stand 150 deep inside others, but not 1,000 deep: one error", (type) => {
  for (const types of bothWays(chainOf(60, type)))
    expect(says(`${types}\nflow f(a: T60) -> T60 { output: a }`)).toEqual([]);
  for (const types of bothWays(chainOf(1_000, type)))
    expect(says(`${types}\nflow f(a: T1000) -> int { output: a }`)).toEqual(["AF3010"]);
});

test("a name for a list may stand above and below the record that holds the list", () => {
  const types = ["type Tree { kids: Trees }", "type Trees = Row", "type Row = Tree[]"];
  for (const text of bothWays(types))
    expect(says(`${text}\nflow f(a: Tree) -> int { output: a.kids.length }`)).toEqual([]);
});

test("a type that is nothing but itself is one error", () => {
  expect(says("type A = A")).toEqual(["AF3010"]);
  expect(says("type A = B\ntype B = C?\ntype C = A[]")).toEqual(["AF3010"]);
});

test("a generic type that mentions ever larger ones of its kind is an error", () => {
  expect(says("type G<T> { a: G<T[]>? }\nflow f(a: G<int>) -> G<int> { output: a }")).toEqual([
    "AF3010",
  ]);
});

test("values may not be nested without end, nor records grow", () => {
  const steps = Array.from({ length: 1_000 }, (_, at) => `let v${at + 1} = { inner: v${at} }`);
  expect(says(`flow f() -> int {\n  let v0 = 1\n${steps.join("\n")}\n  output: v0\n}`)).toContain(
    "AF3010",
  );
  const spreads = Array.from(
    { length: 1_200 },
    (_, at) => `let v${at + 1} = { ...v${at}, f${at}: 1 }`,
  );
  const flow = `flow f() -> int {\n  let v0 = { a: 1 }\n${spreads.join("\n")}\n  output: v1200.a\n}`;
  expect(says(flow).filter((code) => code !== "AF9001")).toEqual(["AF3010"]);
});

test("loops that take in the lists of one another are one error", () => {
  const steps = Array.from(
    { length: 400 },
    (_, at) => `step v${at + 1} = for x${at} in xs { output: v${at} }`,
  );
  const flow = `flow f(xs: int[..2]) -> int {\n  let v0 = 1\n${steps.join("\n")}\n  output: v0\n}`;
  expect(says(flow).filter((code) => code !== "AF9001")).toEqual(["AF3010"]);
});
