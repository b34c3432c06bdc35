import { expect, test } from "vitest";

import { diagnose, findings } from "./fixtures/findings.ts";

const flow = (on: string): string => `flow main() {\n  on ${on}\n}\n`;

test("a trigger exists, and says where it listens", () => {
  expect(findings(flow('cronn("0 8 * * *")'))).toEqual([
    "AF7001 cronn: there is no trigger `cronn`",
  ]);
  expect(diagnose(flow('cronn("0 8 * * *")'))[0]?.fixes?.[0]?.edits[0]?.text).toBe("cron");
  expect(findings(flow('http("/tickets") { auth: "none" }'))).toEqual([
    'AF7001 "/tickets": `on http` needs a method and a path',
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

test("a topic is a name, and a pattern only where something listens", () => {
  const inFlow = (text: string): readonly string[] =>
    findings(`flow main(id: string) {\n  ${text}\n}`).map((line) =>
      line.slice(0, line.indexOf(":")),
    );
  expect(inFlow('step a = emit("orders.*", data: id)')).toEqual(['AF7001 "orders.*"']);
  expect(inFlow('step a = emit("my orders", data: id)')).toEqual(['AF7001 "my orders"']);
  expect(inFlow('step a = emit("orders.${id}.paid", data: id)')).toEqual([]);
  expect(
    inFlow('step a: string = receive("orders.*.paid") { timeout: 5m, where: event.id == id }'),
  ).toEqual([]);
  expect(
    inFlow('step a: string = receive("orders*") { timeout: 5m, where: event.id == id }'),
  ).toEqual(['AF7001 "orders*"']);
  expect(inFlow('cancelOn: { topic: "a..b", where: event.id == id } step a = sleep(1s)')).toEqual([
    'AF7001 "a..b"',
  ]);
  expect(inFlow('on event("a.**.b") { input: { id: "x" } } step a = emit("a", data: id)')).toEqual([
    'AF7001 "a.**.b"',
  ]);
});
