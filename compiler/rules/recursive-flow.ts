import { DependencyGraph } from "../graph/dependency-graph.ts";
import { callable } from "../flow/uses.ts";
import { spanOf } from "../names/reporter.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { Node } from "../syntax/tree.ts";
import type { CheckedProgram } from "../types/checked.ts";
import { callersOfProgram } from "./callers.ts";
import type { Edge } from "./callers.ts";
import type { Rule } from "./rule.ts";
import { isShallow } from "./shallow-calls.ts";

/** AF4008: flows, or agents through their tools, that call themselves: nobody could say how often. */
export const recursiveFlow: Rule = ({ program, module, report }) => {
  for (const cycle of cyclesOf(program)) {
    const [first] = cycle;
    // All files of a cycle see it; that of its first member reports it.
    if (first === undefined || first.symbol.file !== module.file) continue;
    const names = [...cycle, first].map(({ symbol }) => symbol.name);
    const { kind, name } = first.symbol;
    report({
      code: "AF4008",
      at: first.at,
      message:
        cycle.length === 1
          ? `the ${kind} \`${name}\` calls itself`
          : `\`${name}\` calls itself through others: ${names.join(" -> ")}`,
      related: cycle.map(({ symbol, edge }) => ({
        span: spanOf(edge.file, edge.at),
        message: `\`${symbol.name}\` calls \`${edge.to.name}\` here`,
      })),
      help: "use `repeat` for rounds, `for` for items, or `continue(…)` to start over in a new run",
    });
  }
};

interface Member {
  readonly symbol: GlobalSymbol;
  /** Where it is declared. */
  readonly at: Node;
  /** The call that leads to the next member. */
  readonly edge: Edge;
}

const known = new WeakMap<CheckedProgram, readonly (readonly Member[])[]>();

function cyclesOf(program: CheckedProgram): readonly (readonly Member[])[] {
  let cycles = known.get(program);
  if (cycles === undefined) {
    cycles = findCycles(program);
    known.set(program, cycles);
  }
  return cycles;
}

function findCycles(program: CheckedProgram): readonly (readonly Member[])[] {
  // Almost every program has none, and that is told faster than where they are.
  if (isShallow(program)) return [];
  const calls = callersOfProgram(program);
  const graph = new DependencyGraph();
  for (const [id, { edges }] of calls) for (const { to } of edges) graph.depend(id, to.id);
  return graph.cycles().map((ids) => {
    const members = fromFirst(ids.flatMap((id) => calls.get(id) ?? []));
    return members.flatMap(({ symbol, edges }, index): readonly Member[] => {
      const next = members[(index + 1) % members.length]?.symbol.id;
      const edge = edges.find(({ to }) => to.id === next);
      const declaration = callable(program, symbol);
      return edge === undefined || declaration === null
        ? []
        : [{ symbol, at: declaration.node.name, edge }];
    });
  });
}

/** Cycles start at the member with the smallest id, whatever the order of files. */
function fromFirst<T extends { readonly symbol: GlobalSymbol }>(
  members: readonly T[],
): readonly T[] {
  const first = members.reduce(
    (best, { symbol }, index) => (symbol.id < (members[best]?.symbol.id ?? "") ? index : best),
    0,
  );
  return [...members.slice(first), ...members.slice(0, first)];
}
