import { readFileSync } from "node:fs";
import { join } from "node:path";

import { compile } from "../../compiler/index.ts";
import type { Plan } from "../../plan/plan.ts";

export const programFolder = join(import.meta.dirname, "programs");

const plans = new Map<number, Plan>();

/** The program that all runs are of. Every second edition has a mistake, which the one after it mends. */
export function chaosPlan(edition = 1): Plan {
  const plan = plans.get(edition) ?? compileEdition(edition);
  plans.set(edition, plan);
  return plan;
}

/** Runs of `mended` fail in it. */
export function hasMistake(edition: number): boolean {
  return edition % 2 === 1;
}

function compileEdition(edition: number): Plan {
  const text = readFileSync(join(programFolder, "work.agentflow"), "utf8")
    .replace("let edition = 1", `let edition = ${edition}`)
    .replace("let hasMistake = true", `let hasMistake = ${hasMistake(edition)}`);
  const { plan, diagnostics } = compile(
    { read: (path) => (path === "work.agentflow" ? text : null) },
    "work.agentflow",
  );
  if (plan === null)
    throw new Error(diagnostics.map(({ code, message }) => `${code} ${message}`).join("\n"));
  return plan;
}
