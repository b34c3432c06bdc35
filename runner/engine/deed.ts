/** What a call does, told apart from every other one: to know what need not be done again. */

import { sha256 } from "../../base/sha256.ts";
import { equalityKey } from "../../plan/evaluate/equality.ts";
import { isList, isRecord } from "../../plan/evaluate/json-record.ts";
import type { Json } from "../../plan/expression.ts";
import type { CallPlan } from "../../plan/plan.ts";
import type { Args } from "./act-state.ts";
import type { TaskNode } from "./nodes.ts";
import type { RunState } from "./run-state.ts";

/** Calls that do something themselves. What an agent did inside of a call that did not finish is left to the agent. */
export function isCall(node: TaskNode): boolean {
  const { action } = node.code;
  if (
    action.kind !== "call" ||
    node.undoes !== null ||
    node.parent?.kind === "task" ||
    node.phase === "fallback"
  )
    return false;
  return (
    node.act?.kind === "agent" || (node.act?.kind === "call" && node.act.callee?.kind !== "flow")
  );
}

/** Equal for calls that ask the same of the same: arguments, the conversation so far, what a `where` compares with. */
export function deedOf(run: RunState, task: TaskNode, args: Args): string {
  const { action } = task.code;
  if (action.kind !== "call") return "";
  const { plan } = action;
  const { missed } = run;
  const seen = [...(plan.memory === undefined ? [] : [plan.memory]), ...namesIn(plan.where)];
  const values = seen.map((name) => [name, task.scope.lookup(name) ?? null]);
  run.missed = missed;
  return sha256(equalityKey([calleeOf(plan, task), args, values]));
}

/** Of a role it does not matter who filled it, unless the program chose. */
function calleeOf({ callee }: CallPlan, { act }: TaskNode): string {
  switch (callee.kind) {
    case "agent":
    case "tool":
    case "flow":
      return `${callee.kind} ${callee.name}`;
    case "role":
      return `role ${callee.role}`;
    case "value":
      return act?.kind === "call" || act?.kind === "agent" ? (act.callee?.name ?? "") : "";
    default:
      return callee.kind;
  }
}

function namesIn(expression: CallPlan["where"]): readonly string[] {
  const names = new Set<string>();
  visit(expression ?? null, names);
  names.delete("event");
  return [...names].sort();
}

function visit(part: Json, names: Set<string>): void {
  if (isList(part)) for (const item of part) visit(item, names);
  else if (isRecord(part)) {
    const { op, name } = part;
    if (op === "name" && typeof name === "string") names.add(name);
    if (op !== "value") for (const item of Object.values(part)) visit(item, names);
  }
}
