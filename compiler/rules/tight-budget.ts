import { budgetOf, dollars } from "../flow/budgets.ts";
import { boundsOfProgram } from "../flow/flow-bounds.ts";
import { plainInstance } from "../types/instance.ts";
import type { Rule } from "./rule.ts";

/**
 * AF5004, a warning: the worst case costs more than the budget of the flow. Time is left out: nearly every worst case in time is longer than
 * anybody would wait, and saying so would help nobody.
 */
export const tightBudget: Rule = ({ program, flows, warn }) => {
  for (const flow of flows) {
    const budget = budgetOf(program, flow.settings);
    if (budget === null) continue;
    const { cost, tokens } = boundsOfProgram(program).ofFlow(plainInstance(flow.symbol));
    const overCost = budget.cost !== null && cost !== null && cost > budget.cost;
    const overTokens = budget.tokens !== null && tokens !== null && tokens > budget.tokens;
    if (!overCost && !overTokens) continue;
    const [most, allows] = overCost
      ? [dollars(cost), dollars(budget.cost)]
      : [`${tokens} tokens`, `${budget.tokens}`];
    warn({
      code: "AF5004",
      at: budget.node,
      message: `in the worst case a run of \`${flow.symbol.name}\` uses ${most}, but its budget is ${allows}`,
      help: "the run would stop with `budget_exceeded`; raise the budget, lower rounds, items or attempts, or add a `fallback`",
    });
  }
};
