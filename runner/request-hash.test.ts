import { expect, test } from "vitest";

import { allSteps } from "../base/all-steps.ts";
import type { Json } from "../plan/expression.ts";
import { requestHashSteps } from "./request-hash.ts";

const hashOf = (value: Json): string => allSteps(requestHashSteps(value));

test("the order of keys makes no difference, and everything else does", () => {
  expect(hashOf({ flow: "f", input: { a: 1, b: [1, 2] } })).toBe(
    hashOf({ input: { b: [1, 2], a: 1 }, flow: "f" }),
  );
  const others: Json[] = [
    { a: 1 },
    { a: "1" },
    { a: [1] },
    { a: [1, 2] },
    { a: [[1], 2] },
    { a: [12] },
    { a: null },
    { a: {} },
    { a: [] },
    { "a:1": {} },
    {},
    null,
  ];
  expect(new Set(others.map(hashOf)).size).toBe(others.length);
});

test("a long list is not looked through before its first step", () => {
  let read = 0;
  const list = new Proxy<Json[]>(
    Array.from({ length: 1_000_000 }, () => 1),
    {
      get(target, key, receiver) {
        if (typeof key === "string" && /^\d+$/.test(key)) read += 1;
        return Reflect.get(target, key, receiver) as unknown;
      },
    },
  );
  const work = requestHashSteps({ list });
  work.next();
  expect(read).toBeLessThan(10_000);
});

test("a large request lets others have their turn", () => {
  let steps = 0;
  const work = requestHashSteps(Array.from({ length: 100_000 }, (_, index) => ({ id: index })));
  while (work.next().done !== true) steps += 1;
  expect(steps).toBeGreaterThan(100);
});
