// A little of everything that `npm run chaos` does, from a seed that never changes, and every seed that once found something.
import { existsSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { faultKinds } from "./faults.ts";
import type { ChaosOptions } from "./options.ts";
import { planFaults } from "./plan-faults.ts";
import { report } from "./report.ts";
import { runChaos } from "./run-chaos.ts";
import { seeds } from "./seeds.ts";

test("a seed gives the same faults each time, and another seed others", () => {
  const plan = (seed: number) => planFaults({ seed, forMs: 60_000, kinds: faultKinds, workers: 3 });
  expect(plan(7)).toEqual(plan(7));
  expect(plan(7)).not.toEqual(plan(8));
  expect(new Set(plan(7).map(({ kind }) => kind))).toEqual(new Set(faultKinds));
});

const short: ChaosOptions = {
  seed: 1,
  forMs: 14_000,
  faults: [
    "worker-kill",
    "worker-pause",
    "worker-clock",
    "redis-flush",
    "redis-outage",
    "postgres-backends",
    "postgres-restart",
    "commit-lost",
    "link-cut",
    "link-deaf",
    "deploy",
    "step-stuck",
  ],
  workers: 2,
  transport: "redis",
  perSecond: 5,
};

const isBuilt = existsSync(join(import.meta.dirname, "../../dist/runner/index.js"));

for (const [name, options] of [
  ["a short chaos", short] as const,
  ...seeds.map(({ found, options }) => [`what once was: ${found}`, options] as const),
])
  test(`${name}: nothing is lost, nothing done twice`, async () => {
    expect(isBuilt, "`npm run build` makes what is tried here").toBe(true);
    const result = await runChaos(options, () => {});
    expect(result.violations, report(result)).toEqual([]);
    expect(result.looks).toBeGreaterThan(5);
    // Poison comes just once.
    expect(result.faults.length).toBeGreaterThan(0);
  }, 180_000);
