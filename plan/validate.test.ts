import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { helloPlan as plan, helloProgram as program } from "./fixtures/hello-plan.ts";
import { planHash } from "./hash.ts";
import type { Program } from "./plan.ts";
import { planSchema } from "./schema/plan-schema.ts";
import { upgradePlan } from "./upgrade.ts";
import type { Upgrade } from "./upgrade.ts";
import { parsePlan, readPlan } from "./validate.ts";

function problems(document: unknown): readonly string[] {
  const result = readPlan(document);
  return result.ok ? [] : result.problems.map((problem) => `${problem.path}: ${problem.message}`);
}

describe("readPlan", () => {
  it("accepts a plan", () => {
    expect(readPlan(plan)).toEqual({ ok: true, plan });
    expect(parsePlan(JSON.stringify(plan)).ok).toBe(true);
  });

  it("says what a document is that is no plan", () => {
    expect(problems(7)[0]).toContain("not an agentflow plan");
    expect(parsePlan("{")).toMatchObject({ ok: false, problems: [{ path: "" }] });
    expect(problems({ ...plan, version: 9 })[0]).toContain("install a newer agentflow");
    expect(problems({ ...plan, version: "1" })).toEqual([
      "version: must be a whole number from 1 on",
    ]);
  });

  it("names the field that does not fit", () => {
    const broken = structuredClone(plan) as unknown as {
      program: { flows: { hello: { runnable: unknown } } };
    };
    broken.program.flows.hello.runnable = "yes";
    expect(problems(broken)).toEqual([
      'program.flows.hello.runnable: must be true or false, not "yes"',
    ]);
  });

  it("reports faults of the action that was meant, not of all actions", () => {
    const broken = structuredClone(plan) as unknown as {
      program: { flows: { hello: { body: { steps: { action: unknown }[] } } } };
    };
    for (const step of broken.program.flows.hello.body.steps) step.action = { kind: "repeat" };
    const found = problems(broken);
    expect(found).toHaveLength(4);
    expect(found[0]).toBe("program.flows.hello.body.steps[0].action: lacks `body`");
  });

  it("refuses a plan that was changed after it was hashed", () => {
    const changed = {
      ...plan,
      program: { ...program, schemas: { ...program.schemas, int: { type: "integer" } } },
    };
    expect(problems(changed)[0]).toContain("the plan was changed");
  });

  it("refuses names that refer to nothing", () => {
    const broken: Program = { ...program, schemas: { "{ name: string }": { type: "object" } } };
    expect(problems({ ...plan, program: broken, hash: planHash(broken) })).toContain(
      "program.flows.hello.returns: names `string`, which is not in `schemas`",
    );
  });
});

describe("upgradePlan", () => {
  it("runs each upgrade once, in order", () => {
    const upgrades = new Map<number, Upgrade>([
      [1, (old) => ({ ...old, program: "two" })],
      [2, (old) => ({ ...old, source: "three" })],
    ]);
    expect(upgradePlan(plan, { upgrades, to: 3 })).toMatchObject({
      ok: true,
      document: { version: 3, program: "two", source: "three" },
    });
    expect(upgradePlan(plan, { upgrades: new Map(), to: 2 })).toMatchObject({ ok: false });
  });
});

describe("plan.schema.json", () => {
  it("is the schema that plans are validated with", async () => {
    // `npx vitest run plan -u` writes it anew.
    await expect(`${JSON.stringify(planSchema, null, 2)}\n`).toMatchFileSnapshot(
      "plan.schema.json",
    );
    expect(JSON.parse(readFileSync(new URL("plan.schema.json", import.meta.url), "utf8"))).toEqual(
      planSchema,
    );
  });
});
