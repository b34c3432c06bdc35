import { expect, test } from "vitest";

import { declarations, findings } from "./fixtures/findings.ts";

test("a list for a loop has a bound", () => {
  const flow = (type: string, setting = ""): string =>
    `${declarations}\nflow main(texts: ${type}) {\n  step done = for text in texts {\n${setting}\n look(text)\n }\n}\n`;
  expect(findings(flow("string[]"))).toEqual([
    "AF5001 texts: this list may be of any length, so nobody could say what the loop costs at most",
  ]);
  expect(findings(flow("string[..5]"))).toEqual([]);
  expect(findings(flow("string[]", "maxItems: 5"))).toEqual([]);
});
