import { expect, test } from "vitest";

import { check } from "../compile.ts";

const says = (text: string): readonly string[] => {
  const host = { read: (path: string) => (path === "main.agentflow" ? text : null) };
  return check(host, ["main.agentflow"]).diagnostics.map(
    ({ code, span }) => `${code} ${text.slice(span.start, span.end)}`,
  );
};

const flow = (value: string): string => `flow f() -> int { output: ${value} }`;

test("lets that are built one from the other are followed, up to a limit and wherever they stand", () => {
  const lets = (count: number): string[] => [
    "let v0 = 1",
    ...Array.from({ length: count }, (_, at) => `let v${at + 1} = v${at} + 1`),
  ];
  expect(says([...lets(150), flow("v150")].join("\n"))).toEqual([]);
  expect(says([...lets(1_000), flow("v1000")].join("\n"))).toEqual(["AF3010 v200"]);
  expect(says([...lets(1_000).toReversed(), flow("v1000")].join("\n"))).toEqual(["AF3010 v200"]);
});

test("lets that double with each line are refused before they fill the memory", () => {
  const lets = Array.from({ length: 40 }, (_, at) => `let v${at + 1} = v${at} + v${at}`);
  expect(says(["let v0 = 1", ...lets, flow("v40")].join("\n"))).toEqual(["AF3010 v13"]);
});
