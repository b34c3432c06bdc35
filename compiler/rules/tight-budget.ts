import type { Bounds } from "../../plan/plan.ts";
import { budgetOf, dollars } from "../flow/budgets.ts";
import { boundsOfProgram, settingsOfStep } from "../flow/flow-bounds.ts";
import { flowGraph } from "../flow/flow-graph.ts";
import { noArguments } from "../flow/number-range.ts";
import { hasTokenLimits } from "../flow/token-limits.ts";
import type { CheckedFlow } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";
import type { Rule, RuleContext } from "./rule.ts";

/**
 * AF5004, a warning: the worst case costs more than a budget allows, be it that of a flow, of a step in it, or of an agent.
 * Time is left out: nearly every worst case in time is longer than anybody would wait, and saying so would help nobody.
 */
export const tightBudget: Rule = (context) => {
  const { program, module, flows } = context;
  if (!hasTokenLimits(program)) return;
  const all = boundsOfProgram(program);
  for (const flow of flows) {
    const instance = plainInstance(flow.symbol);
    const run = `a run of \`${flow.symbol.name}\``;
    compare({ settings: flow.settings, what: run, bounds: () => all.ofFlow(instance) }, context);
    for (const step of flowGraph(module, flow).steps) {
      const settings = settingsOfStep(step, module);
      const what =
        step.node === null
          ? `this ${step.action.kind === "invoke" ? "call" : "block"}`
          : `the step \`${step.name}\``;
      const bounds = (): Bounds => all.ofStep({ instance, flow, module }, step);
      if (settings.has("budget")) compare({ settings, what, bounds }, context);
    }
  }
  for (const declaration of context.declarations) {
    if (declaration.kind !== "agent") continue;
    const { symbol, settings } = declaration;
    const bounds = (): Bounds => all.ofInstance(plainInstance(symbol), noArguments);
    compare({ settings, what: `a call of \`${symbol.name}\``, bounds }, context);
  }
};

interface Spender {
  readonly settings: CheckedFlow["settings"];
  readonly what: string;
  bounds(): Bounds;
}

function compare({ settings, what, bounds }: Spender, { program, warn }: RuleContext): void {
  const budget = budgetOf(program, settings);
  if (budget === null) return;
  const { cost, tokens } = bounds();
  const overCost = budget.cost !== null && cost !== null && cost > budget.cost;
  const overTokens = budget.tokens !== null && tokens !== null && tokens > budget.tokens;
  if (!overCost && !overTokens) return;
  const [most, allows] = overCost
    ? [dollars(cost), dollars(budget.cost)]
    : [`${tokens} tokens`, `${budget.tokens}`];
  warn({
    code: "AF5004",
    at: budget.node,
    message: `in the worst case ${what} uses ${most}, but its budget is ${allows}`,
    help: "it would stop with `budget_exceeded`; raise the budget, lower rounds, items or attempts, or add a `fallback`",
  });
}
