import type { CallState } from "./act-state.ts";
import { fitsBudgets, isBudgetedWithin, type Amount } from "./budget.ts";
import type { CallCode } from "./code.ts";
import { nearCalls } from "./near-calls.ts";
import type { TaskNode } from "./nodes.ts";
import { inputReserve } from "./request-size.ts";
import type { RunState } from "./run-state.ts";

/**
 * What looking for similar calls may cost is set aside like the cost of any request. Where a budget has no room for it, only an equal call is
 * looked for: a cache must not be a new way to fail.
 */
export function nearReserve(
  run: RunState,
  task: TaskNode,
  { code, act }: { readonly code: CallCode; readonly act: CallState },
): { readonly reserves?: Amount } {
  if (!isBudgetedWithin(task)) return {};
  const near = nearCalls(run, code, act);
  if (near === null) return {};
  const { models } = run.program.program;
  const price = near.model === null ? undefined : models[near.model]?.price;
  const amount = inputReserve(near.text, price);
  return fitsBudgets(task, amount) ? { reserves: amount } : {};
}
