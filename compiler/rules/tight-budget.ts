import { budgetOf, dollars } from "../flow/budgets.ts";
import { boundsOfProgram } from "../flow/flow-bounds.ts";
import type { CheckedProgram } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";
import type { Rule } from "./rule.ts";

/**
 * AF5004, a warning: the worst case costs more than the budget of the flow. Time is left out: nearly every worst case in time is longer than
 * anybody would wait, and saying so would help nobody.
 */
export const tightBudget: Rule = ({ program, flows, warn }) => {
  for (const flow of flows) {
    const budget = budgetOf(program, flow.settings);
    if (budget === null || !hasTokenLimits(program)) continue;
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

const known = new WeakMap<CheckedProgram, boolean>();

/** Without any limit of input, no worst case in tokens or money is known, and none needs to be worked out. */
function hasTokenLimits(program: CheckedProgram): boolean {
  let limits = known.get(program);
  if (limits === undefined) {
    // Whoever sets it writes its name somewhere, and a text that only looks like it costs nothing but time.
    limits = [...program.modules.values()].some(({ parse }) => parse.text.includes("maxInput"));
    known.set(program, limits);
  }
  return limits;
}
