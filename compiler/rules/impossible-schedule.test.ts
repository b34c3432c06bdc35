import { expect, test } from "vitest";

import { findings } from "./fixtures/findings.ts";

const flow = (on: string): string => `flow main() {\n  on cron(${on}\n}\n`;

test("time tables and zones exist", () => {
  expect(findings(flow('"0 25 * * *")'))).toEqual([
    'AF7003 "0 25 * * *": this time table has a wrong hour: `25`; hours go from 0 to 23',
  ]);
  expect(findings(flow('"0 8 * * *") { zone: "Europe/Berlim" }'))).toEqual([
    'AF7003 "Europe/Berlim": there is no time zone `Europe/Berlim`',
  ]);
  expect(findings(flow('"0 8 * * *") { zone: "Europe/Berlin" }'))).toEqual([]);
});
