import { DependencyGraph } from "../graph/dependency-graph.ts";
import { callsOf, targetsOf } from "../flow/calls.ts";
import { flowInstance } from "../flow/reach.ts";
import { callable, settingSymbol, toolsOf } from "../flow/uses.ts";
import { spanOf } from "../names/reporter.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { Node } from "../syntax/tree.ts";
import type { CheckedModule, CheckedProgram } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";
import type { Rule } from "./rule.ts";

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
  const calls: Calls = new Map<string, Caller>();
  for (const module of program.modules.values())
    for (const caller of callersOf(program, module)) calls.set(caller.symbol.id, caller);
  // Almost every program has none, and that is told faster than where they are.
  if (!hasCycle(calls)) return [];
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

/** An unchanged file keeps its calls: when fillers change anywhere, every file is checked anew. */
const kept = new WeakMap<CheckedModule, readonly Caller[]>();

/** What a file declares that calls something. */
export function callersOf(program: CheckedProgram, module: CheckedModule): readonly Caller[] {
  let callers = kept.get(module);
  if (callers === undefined) {
    callers = module.symbols.flatMap((symbol) => {
      const edges = callsFrom(program, symbol);
      return edges.length === 0 ? [] : [{ symbol, edges }];
    });
    kept.set(module, callers);
  }
  return callers;
}

/** Takes away whoever calls nobody that is left, until all are gone or a knot remains. */
function hasCycle(calls: Calls): boolean {
  const open = new Map<string, number>();
  const callersBy = new Map<string, string[]>();
  for (const [id, { edges }] of calls) {
    let count = 0;
    for (const { to } of edges) {
      if (!calls.has(to.id)) continue;
      count += 1;
      const callers = callersBy.get(to.id);
      if (callers === undefined) callersBy.set(to.id, [id]);
      else callers.push(id);
    }
    open.set(id, count);
  }
  const done: string[] = [];
  for (const [id, count] of open) if (count === 0) done.push(id);
  // Arrays visit what is added while they are walked.
  for (const id of done) {
    for (const caller of callersBy.get(id) ?? []) {
      const left = (open.get(caller) ?? 0) - 1;
      open.set(caller, left);
      if (left === 0) done.push(caller);
    }
  }
  return done.length < calls.size;
}

export interface Caller {
  readonly symbol: GlobalSymbol;
  readonly edges: readonly Edge[];
}

type Calls = Map<string, Caller>;

export interface Edge {
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
