import type { Expression as PlanExpression } from "../../plan/expression.ts";
import type { BlockPlan, LetPlan, StepPlan } from "../../plan/plan.ts";
import { letsOf } from "../flow/flow-graph.ts";
import type { Body, GraphStep } from "../flow/flow-graph.ts";
import { waitsIn } from "../flow/flow-waits.ts";
import type { Wait } from "../flow/flow-waits.ts";
import { namesInExpression } from "../flow/names-in.ts";
import { DependencyGraph } from "../graph/dependency-graph.ts";
import type { LetDeclaration, Name } from "../syntax/tree.ts";
import type { Type } from "../types/type.ts";
import type { FlowScope } from "./flow-scope.ts";
import { lowerAction } from "./lower-action.ts";
import { typeIn } from "./lower-context.ts";
import { lowerExpression } from "./lower-expression.ts";
import { settingExpression, when } from "./lower-settings.ts";
import type { Settings } from "./lower-settings.ts";

/** Lowers a block, or an action or value that stands where a block could. */
export function lowerBlock(body: Body, scope: FlowScope, settings?: Settings): BlockPlan {
  const graph = scope.graph.blockOf(body);
  const waits = waitsIn(scope.graph);
  const phases = graph === undefined ? undefined : waits.phases(graph);
  const steps = (graph?.steps ?? [])
    .map((step) => lowerStep(step, phases?.get(step) ?? 0, scope))
    .sort(byPhase);
  return {
    lets: lowerLets(graph === undefined ? [] : letsOf(graph), scope),
    steps,
    output: outputOf(body, steps, scope, settings),
    outputWaits: waitNames(graph === undefined ? [] : waits.ofOutput(graph)),
  };
}

function outputOf(
  body: Body,
  steps: readonly StepPlan[],
  scope: FlowScope,
  settings?: Settings,
): PlanExpression | null {
  if (body.kind === "block") {
    const output = settingExpression(settings ?? scope.module.settingsOf(body), "output", scope);
    if (output !== undefined) return output;
  } else if (steps.length === 0 && body.kind === "invoke") {
    return lowerExpression(body.expression, scope);
  }
  return steps.length === 1 && steps[0]?.name === "" ? { op: "name", name: "" } : null;
}

function lowerStep(step: GraphStep, phase: number, scope: FlowScope): StepPlan {
  return {
    name: step.name,
    path: step.path,
    phase,
    waits: waitNames(waitsIn(scope.graph).of(step)),
    action: lowerAction(step, scope),
    schema: scope.context.schemas.refer(typeOfStep(step, scope)),
    ...when("doc", step.node?.doc?.text),
  };
}

function typeOfStep(step: GraphStep, scope: FlowScope): Type {
  const { node, action } = step;
  if (node === null) return typeIn(scope, scope.module.typeOfAction(action));
  return typeIn(
    scope,
    scope.module.typeOfSymbol({ scope: "local", kind: "step", name: step.name, node }),
  );
}

/** Sorted, because the order in which a step mentions others means nothing. */
function waitNames(waits: readonly Wait[]): readonly string[] {
  return [...new Set(waits.map((wait) => wait.step.name.text))].sort();
}

function byPhase(left: StepPlan, right: StepPlan): number {
  if (left.phase !== right.phase) return left.phase - right.phase;
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}

/** Each behind the lets of its block that it mentions, otherwise by name. */
function lowerLets(lets: readonly LetDeclaration[], scope: FlowScope): readonly LetPlan[] {
  const graph = new DependencyGraph();
  const own = new Set(lets.map((declaration) => declaration.name.text));
  for (const declaration of lets) {
    graph.add(declaration.name.text);
    const visit = (name: Name): void => {
      const symbol = scope.module.symbolOf(name);
      const isLet = symbol?.scope === "local" && symbol.kind === "let";
      if (isLet && own.has(symbol.name) && symbol.name !== declaration.name.text)
        graph.depend(declaration.name.text, symbol.name);
    };
    namesInExpression(declaration.value, visit, scope.module);
  }
  const phases = graph.phases();
  const phaseOf = (declaration: LetDeclaration) => phases.get(declaration.name.text) ?? 0;
  return [...lets]
    .sort(
      (left, right) =>
        phaseOf(left) - phaseOf(right) || (left.name.text < right.name.text ? -1 : 1),
    )
    .map((declaration) => lowerLet(declaration, scope));
}

function lowerLet(declaration: LetDeclaration, scope: FlowScope): LetPlan {
  const symbol = {
    scope: "local",
    kind: "let",
    name: declaration.name.text,
    node: declaration,
  } as const;
  const annotated =
    declaration.type === null ? undefined : typeIn(scope, scope.module.typeOfSymbol(symbol));
  return {
    name: declaration.name.text,
    value: lowerExpression(declaration.value, scope),
    ...when("schema", annotated === undefined ? undefined : scope.context.schemas.refer(annotated)),
  };
}
