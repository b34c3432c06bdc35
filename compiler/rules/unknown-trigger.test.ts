import { expect, test } from "vitest";

import { diagnose, findings } from "./fixtures/findings.ts";

const flow = (on: string): string => `flow main() {\n  on ${on}\n}\n`;

test("a trigger exists, and says where it listens", () => {
  expect(findings(flow('cronn("0 8 * * *")'))).toEqual([
    "AF7001 cronn: there is no trigger `cronn`",
  ]);
  expect(diagnose(flow('cronn("0 8 * * *")'))[0]?.fixes?.[0]?.edits[0]?.text).toBe("cron");
  expect(findings(flow('http("/tickets") { auth: "none" }'))).toEqual([
    'AF7001 "/tickets": `on http` needs a method and a path as a plain text',
  ]);
  expect(findings(flow('event("a b")'))).toHaveLength(1);
  for (const fine of [
    'http("POST /a/:id") { auth: "none" }',
    'event("a.*.b.**")',
    'slack("#team")',
    'cron("0 8 * * *")',
  ]) {
    expect(findings(flow(fine))).toEqual([]);
  }
});
