import { postOrder } from "../graph/post-order.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { CheckedProgram } from "../types/checked.ts";
import { callersOfProgram } from "./callers.ts";
import type { Edge } from "./callers.ts";
import type { Rule } from "./rule.ts";
import { isShallow, mostLevels } from "./shallow-calls.ts";

/** AF4008: who calls whom is so deep that neither a person nor a history of a run could show it. */
export const deepCalls: Rule = ({ program, module, report }) => {
  for (const { symbol, edge } of tooDeep(program)) {
    if (edge.file !== module.file) continue;
    report({
      code: "AF4008",
      at: edge.at,
      message: `calls are nested more than ${mostLevels} levels deep behind \`${symbol.name}\``,
      related: [],
      label: "this call is one level too many",
      help: "let one flow call the others one after the other, or use `for` or `repeat`, instead of each calling the next",
    });
  }
};

interface Crossing {
  readonly symbol: GlobalSymbol;
  readonly edge: Edge;
}

const known = new WeakMap<CheckedProgram, readonly Crossing[]>();

function tooDeep(program: CheckedProgram): readonly Crossing[] {
  let found = known.get(program);
  if (found === undefined) known.set(program, (found = findDeepest(program)));
  return found;
}

function findDeepest(program: CheckedProgram): readonly Crossing[] {
  if (isShallow(program)) return [];
  const callers = callersOfProgram(program);
  const levels = new Map<string, number>();
  const crossings: Crossing[] = [];
  const order = postOrder(callers.keys(), (id) =>
    (callers.get(id)?.edges ?? []).map(({ to }) => to.id),
  );
  for (const id of order) {
    const caller = callers.get(id);
    let level = 0;
    for (const edge of caller?.edges ?? []) {
      const next = 1 + (levels.get(edge.to.id) ?? 0);
      if (next <= level) continue;
      level = next;
      // Only the call that crosses the line is reported, not all that lead to it.
      if (level === mostLevels + 1 && caller !== undefined)
        crossings.push({ symbol: caller.symbol, edge });
    }
    levels.set(id, level);
  }
  return crossings;
}
