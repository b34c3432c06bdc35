import { expect, test } from "vitest";

import { createCircuitBreaker } from "./circuit-breaker.ts";

const plan = { failures: 2, windowMs: 100, cooldownMs: 50 };

test("it opens after enough failures in the window, lets one through after the cooldown, and closes when that succeeds", () => {
  const breaker = createCircuitBreaker(plan);
  breaker.failed("unavailable", 0);
  expect(breaker.allows(1)).toBe(true);
  breaker.failed("rate_limited", 1);
  expect([breaker.allows(2), breaker.openForMs(11)]).toEqual([false, 40]);
  expect([breaker.allows(51), breaker.allows(51)]).toEqual([true, false]);
  breaker.failed("unavailable", 52);
  expect([breaker.allows(60), breaker.allows(102)]).toEqual([false, true]);
  breaker.succeeded();
  expect([breaker.allows(103), breaker.openForMs(103)]).toEqual([true, 0]);
});

test("time-outs, refusals and failures long ago do not open it", () => {
  const breaker = createCircuitBreaker(plan);
  for (const code of ["timeout", "invalid_input", "refused", "timeout"]) breaker.failed(code, 0);
  breaker.failed("unavailable", 0);
  breaker.failed("unavailable", 200);
  expect(breaker.allows(201)).toBe(true);
});

test("a call that was let through and never reports holds it up no longer than another cooldown", () => {
  const breaker = createCircuitBreaker(plan);
  breaker.failed("unavailable", 0);
  breaker.failed("unavailable", 1);
  expect(breaker.allows(51)).toBe(true);
  // The process has lost the run of that call.
  expect([breaker.allows(100), breaker.openForMs(91)]).toEqual([false, 10]);
  expect([breaker.allows(101), breaker.allows(101)]).toEqual([true, false]);
  breaker.succeeded();
  expect(breaker.allows(102)).toBe(true);
});
