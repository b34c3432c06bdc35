import type { Label } from "../diagnostics/diagnostic.ts";
import { DependencyGraph } from "../graph/dependency-graph.ts";
import { callsOf, targetsOf } from "../flow/calls.ts";
import { flowInstance } from "../flow/reach.ts";
import { callable, settingSymbol, toolsOf } from "../flow/uses.ts";
import { spanOf } from "../names/reporter.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { Node } from "../syntax/tree.ts";
import type { CheckedProgram } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";
import type { Rule } from "./rule.ts";

/** AF4008: flows, or agents through their tools, that call themselves: nobody could say how often. */
export const recursiveFlow: Rule = ({ program, module, report }) => {
  const graph = new DependencyGraph();
  const edges = new Map<string, { readonly file: string; readonly at: Node }>();
  const symbols = new Map<string, GlobalSymbol>();
  const queue = module.symbols.filter(
    (symbol) => symbol.kind === "flow" || symbol.kind === "agent",
  );
  for (const symbol of queue) {
    if (symbols.has(symbol.id)) continue;
    symbols.set(symbol.id, symbol);
    graph.add(symbol.id);
    for (const { to, file, at } of callsFrom(program, symbol)) {
      graph.depend(symbol.id, to.id);
      const key = `${symbol.id} ${to.id}`;
      if (!edges.has(key)) edges.set(key, { file, at });
      queue.push(to);
    }
  }
  for (const cycle of graph.cycles()) {
    const members = fromFirst(cycle.flatMap((id) => symbols.get(id) ?? []));
    const [first] = members;
    // Each file of the cycle sees it; the file of its first member reports it.
    if (first === undefined || first.file !== module.file) continue;
    const declaration = program.declarationOf(first);
    if (declaration === undefined) continue;
    const names = [...members, first].map((member) => member.name);
    report({
      code: "AF4008",
      at: "name" in declaration.node ? declaration.node.name : declaration.node,
      message:
        members.length === 1
          ? `the ${first.kind} \`${first.name}\` calls itself`
          : `\`${first.name}\` calls itself through others: ${names.join(" -> ")}`,
      related: members.flatMap((member, index): readonly Label[] => {
        const next = members[(index + 1) % members.length];
        const edge = edges.get(`${member.id} ${next?.id ?? ""}`);
        return edge === undefined
          ? []
          : [
              {
                span: spanOf(edge.file, edge.at),
                message: `\`${member.name}\` calls \`${next?.name ?? ""}\` here`,
              },
            ];
      }),
      help: "use `repeat` for rounds, `for` for items, or `continue(…)` to start over in a new run",
    });
  }
};

interface Edge {
  readonly to: GlobalSymbol;
  readonly file: string;
  readonly at: Node;
}

function callsFrom(program: CheckedProgram, symbol: GlobalSymbol): readonly Edge[] {
  const declaration = callable(program, symbol);
  switch (declaration?.kind) {
    case "agent":
      return toolsOf(program, declaration).map((tool) => ({
        to: tool.symbol,
        file: tool.at.module.file,
        at: tool.at.expression,
      }));
    case "tool": {
      const confirm = settingSymbol(program, declaration.settings.get("confirm"));
      const setting = declaration.settings.get("confirm");
      return confirm === null || setting === undefined
        ? []
        : [{ to: confirm, file: setting.file, at: setting.node }];
    }
    case "flow": {
      const found = flowInstance(program, plainInstance(symbol));
      if (found === null) return [];
      return callsOf(found.module, found.flow).flatMap((call) =>
        targetsOf(program, call, found.instance).map((target) => ({
          to: target.symbol,
          file: found.module.file,
          at: call.call.node.callee,
        })),
      );
    }
    default:
      return [];
  }
}

/** Every file starts the cycle at the same member, so that it is reported once. */
function fromFirst(members: readonly GlobalSymbol[]): readonly GlobalSymbol[] {
  const first = members.reduce(
    (best, member, index) => (member.id < (members[best]?.id ?? "") ? index : best),
    0,
  );
  return [...members.slice(first), ...members.slice(0, first)];
}
