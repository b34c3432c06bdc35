import { readFileSync } from "node:fs";
import { join } from "node:path";

import { compile } from "../../compiler/index.ts";
import type { Plan } from "../../plan/plan.ts";

export const programFolder = join(import.meta.dirname, "programs");

/** The program that all runs are of. */
export function chaosPlan(): Plan {
  const text = readFileSync(join(programFolder, "work.agentflow"), "utf8");
  const { plan, diagnostics } = compile(
    { read: (path) => (path === "work.agentflow" ? text : null) },
    "work.agentflow",
  );
  if (plan === null)
    throw new Error(diagnostics.map(({ code, message }) => `${code} ${message}`).join("\n"));
  return plan;
}
