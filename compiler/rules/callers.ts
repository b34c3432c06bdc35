import { callsOf, targetsOf } from "../flow/calls.ts";
import { flowInstance } from "../flow/reach.ts";
import { callable, settingSymbol, toolsOf } from "../flow/uses.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { Node } from "../syntax/tree.ts";
import type { CheckedModule, CheckedProgram } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";

export interface Caller {
  readonly symbol: GlobalSymbol;
  readonly edges: readonly Edge[];
}

export type Calls = Map<string, Caller>;

export interface Edge {
  readonly to: GlobalSymbol;
  readonly file: string;
  readonly at: Node;
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

export function callersOfProgram(program: CheckedProgram): Calls {
  const calls: Calls = new Map<string, Caller>();
  for (const module of program.modules.values())
    for (const caller of callersOf(program, module)) calls.set(caller.symbol.id, caller);
  return calls;
}

/** Whom an agent, tool or flow calls, and where. */
export function callsFrom(program: CheckedProgram, symbol: GlobalSymbol): readonly Edge[] {
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
