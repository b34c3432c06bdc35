import { editSinceLast } from "../flow/faces.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { CheckedModule, CheckedProgram } from "../types/checked.ts";
import { eachCall } from "./callers.ts";

/** Whom each declaration of a file calls, by ids. */
type Callees = ReadonlyMap<string, readonly string[]>;

/** An unchanged declaration keeps its calls: when fillers change anywhere, every file is checked anew. */
const kept = new WeakMap<CheckedModule, Callees>();

export function calleesOf(program: CheckedProgram, module: CheckedModule): Callees {
  let callees = kept.get(module);
  if (callees === undefined) kept.set(module, (callees = find(program, module)));
  return callees;
}

function find(program: CheckedProgram, module: CheckedModule): Callees {
  const edit = editSinceLast(program, module);
  const before = edit === null ? undefined : kept.get(edit.before);
  const node = module.parse.tree.declarations[edit?.change.index ?? -1];
  const callees = new Map<string, readonly string[]>();
  for (const symbol of module.symbols) {
    const isSame =
      before !== undefined &&
      !(node !== undefined && "name" in node && node.name.text === symbol.name);
    const ids = isSame ? (before.get(symbol.id) ?? []) : idsFrom(program, symbol);
    if (ids.length > 0) callees.set(symbol.id, ids);
  }
  return callees;
}

function idsFrom(program: CheckedProgram, symbol: GlobalSymbol): readonly string[] {
  const ids: string[] = [];
  eachCall(program, symbol, ({ id }) => ids.push(id));
  return ids;
}
