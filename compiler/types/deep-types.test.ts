import { expect, test } from "vitest";

import { check } from "../compile.ts";

const says = (types: readonly string[]): readonly string[] => {
  const text = `${types.join("\n")}\ntype T0 = int\nflow f(a: T150) -> string { output: a }\n`;
  const host = { read: (path: string) => (path === "main.agentflow" ? text : null) };
  return check(host, ["main.agentflow"]).diagnostics.map(({ code }) => code);
};

const chain = Array.from({ length: 150 }, (_, index) => `type T${index + 1} = T${index}`);

test("a long chain of types is followed or refused, never taken for any type", () => {
  expect(says(chain)).toEqual(["AF3001"]);
  expect(says(chain.toReversed())).toEqual(["AF3010"]);
});
