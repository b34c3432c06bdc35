import { budgetOf, dollars } from "../flow/budgets.ts";
import type { WrittenBudget } from "../flow/budgets.ts";
import { modelOf, requestCost } from "../flow/agent-bounds.ts";
import { targetsOf } from "../flow/calls.ts";
import { flowGraph } from "../flow/flow-graph.ts";
import type { BlockGraph, GraphStep } from "../flow/flow-graph.ts";
import { callable, settingSymbol } from "../flow/uses.ts";
import { spanOf } from "../names/reporter.ts";
import type { CheckedFlow } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** AF5003: a call that every run makes reserves more than the budget around it allows. */
export const insufficientBudget: Rule = (context) => {
  for (const flow of context.flows) {
    const budget = budgetOf(context.program, flow.settings);
    const body = flowGraph(context.module, flow).body;
    if (budget !== null && checkBlock({ flow, budget, context }, body)) continue;
    for (const step of flowGraph(context.module, flow).steps.values())
      checkStep(step, flow, context);
  }
};

interface Check {
  readonly flow: CheckedFlow;
  readonly budget: WrittenBudget;
  readonly context: RuleContext;
}

/** A step with a budget of its own. */
function checkStep(step: GraphStep, flow: CheckedFlow, context: RuleContext): void {
  const { action } = step;
  if (action.kind === "if" || action.kind === "match" || action.block === null) return;
  const budget = budgetOf(context.program, context.module.settingsOf(action.block));
  if (budget === null) return;
  const check = { flow, budget, context };
  if (action.kind === "invoke") checkCall(check, step);
  else if (action.kind === "repeat")
    step.blocks
      .filter((block) => block.node === action.block)
      .some((block) => checkBlock(check, block));
}

/** True if something was reported: one fault is enough for one budget. */
function checkBlock(check: Check, block: BlockGraph): boolean {
  return block.steps.some((step) => {
    const { action } = step;
    if (action.kind === "invoke") return checkCall(check, step);
    // The first round of a loop always happens; branches, items and racers may not.
    return (
      action.kind === "repeat" &&
      step.blocks.some((inner) => inner.node === action.block && checkBlock(check, inner))
    );
  });
}

function checkCall({ flow, budget, context }: Check, step: GraphStep): boolean {
  const { program, module, report } = context;
  const { call } = step;
  if (call === null) return false;
  const [target, ...others] = targetsOf(program, call, plainInstance(flow.symbol));
  const agent = target === undefined || others.length > 0 ? null : callable(program, target.symbol);
  if (agent?.kind !== "agent") return false;
  const model = modelOf(
    program,
    settingSymbol(program, call.settings.get("model")) ??
      settingSymbol(program, agent.settings.get("model")),
  );
  if (model === null) return false;
  const { maxOutput, outputCost } = requestCost(program, agent, model);
  const tooDear = budget.cost !== null && outputCost !== null && outputCost > budget.cost;
  const tooLong = budget.tokens !== null && maxOutput !== null && maxOutput > budget.tokens;
  if (!tooDear && !tooLong) return false;
  const [needs, allows] = tooDear
    ? [dollars(outputCost), dollars(budget.cost)]
    : [`${maxOutput} tokens`, `${budget.tokens} tokens`];
  report({
    code: "AF5003",
    at: budget.node,
    message: `one call of \`${agent.symbol.name}\` reserves ${needs} for its answer, more than this budget of ${allows}`,
    related: [
      {
        span: spanOf(module.file, call.call.node),
        message: "this call always happens, so every run would stop here",
      },
    ],
    help: `raise the budget, or lower \`maxOutput\` of \`${agent.symbol.name}\` or of its model \`${model.symbol.name}\``,
  });
  return true;
}
