import { expect, test } from "vitest";

import { diagnose, findings } from "./fixtures/findings.ts";

test("a state says whose it is", () => {
  const flow = (block: string): string =>
    `flow main(user: string) -> int {\n  state visits: int = 0 ${block}\n  output: visits\n}\n`;
  expect(findings(flow("{ next: visits + 1 }"))).toEqual([
    "AF7004 visits: the state `visits` does not say whose it is",
  ]);
  expect(diagnose(flow(""))[0]?.fixes?.[0]?.edits[0]?.text).toBe(" { per: user }");
  expect(findings(flow("{ next: visits + 1, per: user }"))).toEqual([]);
});
