import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv/dist/2020.js";

import { planHash } from "./hash.ts";
import type { Plan } from "./plan.ts";
import type { Problem } from "./problem.ts";
import { brokenReferences } from "./references.ts";
import { planSchema } from "./schema/plan-schema.ts";
import { schemaProblems } from "./schema-problems.ts";
import { upgradePlan } from "./upgrade.ts";

export type PlanResult =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads a plan document that came from outside: a file, a store, another process. Plans of older versions are
 * upgraded. The result is safe to run: it fits the schema, every name in it refers to something, and the hash is
 * the hash of its program.
 */
export function readPlan(document: unknown): PlanResult {
  const upgraded = upgradePlan(document);
  if (!upgraded.ok) return upgraded;
  return validatePlan(upgraded.document);
}

/** Like `readPlan`, from the text of a JSON file. */
export function parsePlan(text: string): PlanResult {
  try {
    return readPlan(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, problems: [{ path: "", message: `is not JSON: ${reason}` }] };
  }
}

/** Checks a plan of the current version. */
export function validatePlan(document: unknown): PlanResult {
  const validate = planValidator();
  if (!validate(document))
    return { ok: false, problems: schemaProblems(validate.errors ?? [], document) };
  const problems = [...brokenReferences(document.program), ...hashProblems(document)];
  return problems.length === 0 ? { ok: true, plan: document } : { ok: false, problems };
}

function hashProblems(plan: Plan): readonly Problem[] {
  const hash = planHash(plan.program);
  if (hash === plan.hash) return [];
  return [
    {
      path: "hash",
      message: `is not the hash of this program, which is ${hash}: the plan was changed`,
    },
  ];
}

/** Compiled once, on first use: a process that only compiles programs never pays for it. */
let cached: ValidateFunction<Plan> | undefined;

function planValidator(): ValidateFunction<Plan> {
  cached ??= new Ajv2020({
    discriminator: true,
    allErrors: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
  }).compile<Plan>(planSchema);
  return cached;
}
