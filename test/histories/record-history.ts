import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { RunEvent } from "../../plan/history.ts";
import type { Plan } from "../../plan/plan.ts";
import type { RunDetail } from "../../runner/index.ts";

/** What is kept of a run: its history, and what people saw of it. Its plan is a file beside it. */
export interface RecordedRun {
  readonly events: readonly RunEvent[];
  readonly detail: RunDetail;
}

const checkout = join(import.meta.dirname, "../..");

/**
 * Writes a run down when `AGENTFLOW_RECORD_HISTORIES` names a folder, as `test/histories/README.md` says. Histories that are
 * there already stay as they are.
 */
export function recordHistory(plan: Plan, run: RecordedRun): void {
  const folder = process.env["AGENTFLOW_RECORD_HISTORIES"];
  if (folder === undefined || folder === "") return;
  const { hash } = plan;
  mkdirSync(join(folder, "plans"), { recursive: true });
  mkdirSync(join(folder, "runs"), { recursive: true });
  const planFile = join(folder, "plans", `${hash.slice(0, 16)}.json`);
  if (!existsSync(planFile)) writeFileSync(planFile, `${JSON.stringify(plan)}\n`);
  const name = run.detail.flow;
  const known = readdirSync(join(folder, "runs")).filter((file) => file.startsWith(`${name}-`));
  writeFileSync(
    join(folder, "runs", `${name}-${known.length + 1}.json`),
    // Where the checkout stood means nothing to anybody else.
    `${JSON.stringify(run, null, 1).replaceAll(checkout, "/agentflow")}\n`,
  );
}
