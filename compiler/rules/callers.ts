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

interface CallPlace {
  readonly file: string;
  readonly at: Node;
}

export interface Edge extends CallPlace {
  readonly to: GlobalSymbol;
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

function callsFrom(program: CheckedProgram, symbol: GlobalSymbol): readonly Edge[] {
  const edges: Edge[] = [];
  eachCall(program, symbol, (to, { file, at }) => edges.push({ to, file, at }));
  return edges;
}

/** Tells whom an agent, tool or flow calls, and where. */
export function eachCall(
  program: CheckedProgram,
  symbol: GlobalSymbol,
  tell: (to: GlobalSymbol, place: CallPlace) => void,
): void {
  const declaration = callable(program, symbol);
  switch (declaration?.kind) {
    case "agent":
      for (const tool of toolsOf(program, declaration))
        tell(tool.symbol, { file: tool.at.module.file, at: tool.at.expression });
      return;
    case "tool": {
      const setting = declaration.settings.get("confirm");
      const confirm = settingSymbol(program, setting);
      if (confirm !== null && setting !== undefined)
        tell(confirm, { file: setting.file, at: setting.node });
      return;
    }
    case "flow": {
      const found = flowInstance(program, plainInstance(symbol));
      if (found === null) return;
      for (const call of callsOf(found.module, found.flow)) {
        const place = { file: found.module.file, at: call.call.node.callee };
        for (const target of targetsOf(program, call, found.instance)) tell(target.symbol, place);
      }
      return;
    }
    default:
  }
}
