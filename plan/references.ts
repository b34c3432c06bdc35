import type { CallPlan, FlowPlan, Program } from "./plan.ts";
import { printPath } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { callsOfFlow, stepsOfFlow } from "./walk-plan.ts";

type Kind = "schemas" | "models" | "roles" | "agents" | "tools" | "flows";
type Report = (kind: Kind, name: string, ...at: readonly (string | number)[]) => void;

/** Names in a program that refer to nothing. A runner may look up any name of a plan that has none of them. */
export function brokenReferences(program: Program): readonly Problem[] {
  const problems: Problem[] = [];
  const check: Report = (kind, name, ...at) => {
    if (Object.hasOwn(program[kind], name)) return;
    problems.push({
      path: printPath(["program", ...at]),
      message: `names \`${name}\`, which is not in \`${kind}\``,
    });
  };
  checkDeclarations(program, check);
  for (const [id, flow] of Object.entries(program.flows)) checkFlow(id, flow, check);
  return problems;
}

function checkDeclarations(program: Program, check: Report): void {
  for (const [name, config] of Object.entries(program.config))
    check("schemas", config.schema, "config", name);
  for (const [name, model] of Object.entries(program.models)) {
    for (const backup of model.backups) check("models", backup, "models", name, "backups");
  }
  for (const [name, role] of Object.entries(program.roles)) {
    for (const filler of role.fillers)
      check(`${filler.kind}s`, filler.name, "roles", name, "fillers");
  }
  for (const [name, agent] of Object.entries(program.agents)) {
    check("models", agent.model, "agents", name, "model");
    check("schemas", agent.returns, "agents", name, "returns");
    for (const param of agent.params)
      check("schemas", param.schema, "agents", name, "params", param.name);
    for (const tool of agent.tools) {
      check(`${tool.kind}s`, tool.callee, "agents", name, "tools");
      check("schemas", tool.input, "agents", name, "tools", tool.callee);
    }
  }
  for (const [name, tool] of Object.entries(program.tools)) {
    check("schemas", tool.returns, "tools", name, "returns");
    for (const param of tool.params)
      check("schemas", param.schema, "tools", name, "params", param.name);
    if (tool.confirm !== undefined) check("agents", tool.confirm, "tools", name, "confirm");
  }
}

function checkFlow(id: string, flow: FlowPlan, check: Report): void {
  const at = ["flows", id] as const;
  check("schemas", flow.input, ...at, "input");
  check("schemas", flow.returns, ...at, "returns");
  for (const param of flow.params) check("schemas", param.schema, ...at, "params", param.name);
  for (const state of flow.states) check("schemas", state.schema, ...at, "states", state.name);
  for (const step of stepsOfFlow(flow)) check("schemas", step.schema, ...at, step.path);
  for (const call of callsOfFlow(flow)) checkCall(call, (kind, name) => check(kind, name, ...at));
}

function checkCall(call: CallPlan, check: (kind: Kind, name: string) => void): void {
  const { callee } = call;
  if (callee.kind === "agent" || callee.kind === "tool" || callee.kind === "flow")
    check(`${callee.kind}s`, callee.name);
  if (callee.kind === "role" || callee.kind === "value") check("roles", callee.role);
  if (call.input !== undefined) check("schemas", call.input);
  if (call.returns !== undefined) check("schemas", call.returns);
  if (call.model !== undefined) check("models", call.model);
  for (const [from, to] of Object.entries(call.handoffs ?? {})) {
    for (const agent of [from, ...to]) check("agents", agent);
  }
}
