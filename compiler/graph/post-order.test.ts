import { expect, test } from "vitest";

import { postOrder } from "./post-order.ts";

const order = (edges: Readonly<Record<string, string>>, roots: string): string =>
  postOrder([...roots], (node) => [...(edges[node] ?? "")]).join("");

test("everything stands behind what it depends on, once", () => {
  expect(order({ a: "bc", b: "d", c: "d" }, "a")).toBe("dcba");
  expect(order({ b: "a", c: "b" }, "abc")).toBe("abc");
});

test("circles end", () => {
  expect(order({ a: "b", b: "a" }, "ab")).toBe("ba");
  expect(order({ a: "a" }, "a")).toBe("a");
});

test("chains of any length are followed", () => {
  const ordered = postOrder([100_000], (node) => (node === 0 ? [] : [node - 1]));
  expect(ordered).toHaveLength(100_001);
  expect(ordered[0]).toBe(0);
});
