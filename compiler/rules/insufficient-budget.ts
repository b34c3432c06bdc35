import { budgetOf, dollars } from "../flow/budgets.ts";
import type { WrittenBudget } from "../flow/budgets.ts";
import { modelOf, requestCost } from "../flow/agent-bounds.ts";
import type { RequestCost } from "../flow/agent-bounds.ts";
import { targetsOf } from "../flow/calls.ts";
import { flowGraph } from "../flow/flow-graph.ts";
import type { BlockGraph, FlowCall, GraphStep } from "../flow/flow-graph.ts";
import { flowInstance, instanceId } from "../flow/reach.ts";
import type { FlowInstance } from "../flow/reach.ts";
import { callable, settingSymbol } from "../flow/uses.ts";
import { spanOf } from "../names/reporter.ts";
import type { CheckedAgent, CheckedModel, Instance } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** AF5003: a call that every run makes reserves more than the budget around it allows. */
export const insufficientBudget: Rule = (context) => {
  const { program, module } = context;
  for (const flow of context.flows) {
    const found = { flow, module, instance: plainInstance(flow.symbol) };
    const budget = budgetOf(program, flow.settings);
    const check =
      budget === null ? null : { budget, context, known: new Map<string, Excess | null>() };
    if (check !== null && reportFirst(check, inBlock(check, found, flowGraph(module, flow).body)))
      continue;
    for (const step of flowGraph(module, flow).steps) checkStep(step, found, context);
  }
  for (const declaration of context.declarations)
    if (declaration.kind === "agent") checkAgent(declaration, context);
};

interface Check {
  readonly budget: WrittenBudget;
  readonly context: RuleContext;
  /** Flows that were looked into, by instance. */
  readonly known: Map<string, Excess | null>;
}

/** A request that does not fit. */
interface Excess {
  readonly agent: CheckedAgent;
  readonly model: CheckedModel;
  readonly cost: RequestCost;
  /** The call in the flow that has the budget; null for the budget of the agent itself. */
  readonly call: FlowCall | null;
}

/** A step with a budget of its own. */
function checkStep(step: GraphStep, found: FlowInstance, context: RuleContext): void {
  const { action } = step;
  if (action.kind === "if" || action.kind === "match" || action.block === null) return;
  const budget = budgetOf(context.program, context.module.settingsOf(action.block));
  if (budget === null) return;
  const check = { budget, context, known: new Map<string, Excess | null>() };
  if (action.kind === "invoke") reportFirst(check, inCall(check, found, step));
  else if (action.kind === "repeat") reportFirst(check, inBlocks(check, found, step));
}

/** The budget of an agent has to do for one request of its own. */
function checkAgent(agent: CheckedAgent, context: RuleContext): void {
  const { program } = context;
  const budget = budgetOf(program, agent.settings);
  const model = modelOf(program, settingSymbol(program, agent.settings.get("model")));
  if (budget === null || model === null) return;
  const check = { budget, context, known: new Map<string, Excess | null>() };
  reportFirst(check, excessOf(check, agent, model));
}

function inBlock(check: Check, found: FlowInstance, block: BlockGraph): Excess | null {
  for (const step of block.steps) {
    const { action } = step;
    // The first round of a loop always happens; branches, items and racers may not.
    const excess =
      action.kind === "invoke"
        ? inCall(check, found, step)
        : action.kind === "repeat"
          ? inBlocks(check, found, step)
          : null;
    if (excess !== null) return excess;
  }
  return null;
}

/** The body of a loop, without its fallback. */
function inBlocks(check: Check, found: FlowInstance, step: GraphStep): Excess | null {
  const body = step.blocks.find(
    (block) => step.action.kind === "repeat" && block.node === step.action.block,
  );
  return body === undefined ? null : inBlock(check, found, body);
}

/** Of a role, whoever answers must be too dear; of several that may hand over, the first is asked for certain. */
function inCall(check: Check, { instance }: FlowInstance, step: GraphStep): Excess | null {
  const { program } = check.context;
  const { call } = step;
  if (call === null) return null;
  const all = targetsOf(program, call, instance);
  const targets = call.settings.has("handoffs") ? all.slice(0, 1) : all;
  const model = modelOf(program, settingSymbol(program, call.settings.get("model")));
  let cheapest: Excess | null = null;
  for (const target of targets) {
    const excess = inTarget(check, target, model);
    if (excess === null) return null;
    if (cheapest === null || (excess.cost.outputCost ?? 0) < (cheapest.cost.outputCost ?? 0))
      cheapest = excess;
  }
  return cheapest === null ? null : { ...cheapest, call };
}

function inTarget(check: Check, target: Instance, override: CheckedModel | null): Excess | null {
  const { program } = check.context;
  const declaration = callable(program, target.symbol);
  if (declaration?.kind === "agent") {
    const own = modelOf(program, settingSymbol(program, declaration.settings.get("model")));
    const model = override ?? own;
    return model === null ? null : excessOf(check, declaration, model);
  }
  if (declaration?.kind !== "flow") return null;
  const id = instanceId(target);
  const known = check.known.get(id);
  if (known !== undefined) return known;
  check.known.set(id, null);
  const found = flowInstance(program, target);
  const excess =
    found === null ? null : inBlock(check, found, flowGraph(found.module, found.flow).body);
  check.known.set(id, excess);
  return excess;
}

function excessOf(
  { budget, context }: Check,
  agent: CheckedAgent,
  model: CheckedModel,
): Excess | null {
  const cost = requestCost(context.program, agent, model);
  return isTooDear(cost, budget) || isTooLong(cost, budget)
    ? { agent, model, cost, call: null }
    : null;
}

function isTooDear({ outputCost }: RequestCost, budget: WrittenBudget): boolean {
  return budget.cost !== null && outputCost !== null && outputCost > budget.cost;
}

function isTooLong({ maxOutput }: RequestCost, budget: WrittenBudget): boolean {
  return budget.tokens !== null && maxOutput !== null && maxOutput > budget.tokens;
}

/** True if something was reported: one fault is enough for one budget. */
function reportFirst({ budget, context }: Check, excess: Excess | null): boolean {
  if (excess === null) return false;
  const { agent, model, cost, call } = excess;
  const [needs, allows] = isTooDear(cost, budget)
    ? [dollars(cost.outputCost ?? 0), dollars(budget.cost ?? 0)]
    : [`${cost.maxOutput} tokens`, `${budget.tokens} tokens`];
  context.report({
    code: "AF5003",
    at: budget.node,
    message: `one call of \`${agent.symbol.name}\` reserves ${needs} for its answer, more than this budget of ${allows}`,
    related:
      call === null
        ? []
        : [
            {
              span: spanOf(call.module.file, call.call.node),
              message: "this call always happens, so every run would stop here",
            },
          ],
    help: `raise the budget, or lower \`maxOutput\` of \`${agent.symbol.name}\` or of its model \`${model.symbol.name}\``,
  });
  return true;
}
