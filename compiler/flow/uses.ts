import type { GlobalSymbol } from "../names/symbol.ts";
import type {
  CheckedAgent,
  CheckedCallable,
  CheckedProgram,
  ResolvedCall,
  ResolvedSetting,
} from "../types/checked.ts";
import type { Expression } from "../syntax/tree.ts";
import { follow, writtenList, writtenRecord, writtenSetting } from "./written.ts";
import type { Written } from "./written.ts";

/** A callable in an agent's `tools`. `call` holds the arguments that are fixed, if it is written as a call. */
export interface WrittenTool {
  readonly symbol: GlobalSymbol;
  readonly call: ResolvedCall | null;
  readonly at: Written;
}

/** The callables that an agent's model may use, as listed. */
export function toolsOf(program: CheckedProgram, agent: CheckedAgent): readonly WrittenTool[] {
  const written = writtenSetting(program, agent.settings.get("tools"));
  if (written === null) return [];
  return (writtenList(program, written) ?? []).flatMap((item) => {
    const { expression, module } = follow(program, item);
    const call = expression.kind === "call" ? (module.callOf(expression) ?? null) : null;
    const callee = expression.kind === "call" ? expression.callee : expression;
    const symbol = globalNamed(program, { expression: callee, module });
    return symbol === null ? [] : [{ symbol, call, at: item }];
  });
}

/** The declaration that an expression names directly. */
export function globalNamed(program: CheckedProgram, written: Written): GlobalSymbol | null {
  const { expression, module } = follow(program, written);
  if (expression.kind !== "name") return null;
  const symbol = module.symbolOf(expression.name);
  return symbol?.scope === "global" ? symbol : null;
}

/** The declaration a setting such as `model`, `confirm` names. */
export function settingSymbol(
  program: CheckedProgram,
  setting: ResolvedSetting | undefined,
): GlobalSymbol | null {
  const written = writtenSetting(program, setting);
  return written === null ? null : globalNamed(program, written);
}

/** The model that a `cache` compares texts with, if it names one. */
export function cacheModel(
  program: CheckedProgram,
  settings: ReadonlyMap<string, ResolvedSetting>,
): GlobalSymbol | null {
  const written = writtenSetting(program, settings.get("cache"));
  const model = written === null ? undefined : writtenRecord(program, written)?.get("model");
  return model === undefined ? null : globalNamed(program, model);
}

/** The declarations in a list such as `backups: [a, b]`. */
export function settingSymbols(
  program: CheckedProgram,
  setting: ResolvedSetting | undefined,
): readonly GlobalSymbol[] {
  const written = writtenSetting(program, setting);
  if (written === null) return [];
  return (writtenList(program, written) ?? []).flatMap((item) => globalNamed(program, item) ?? []);
}

export interface Handoff {
  /** Null where the key names no agent. */
  readonly from: GlobalSymbol | null;
  readonly key: { readonly text: string; readonly start: number; readonly end: number };
  readonly to: readonly { readonly symbol: GlobalSymbol | null; readonly at: Expression }[];
  readonly file: string;
}

/** The arrows of a call's `handoffs`. */
export function handoffsOf(
  program: CheckedProgram,
  setting: ResolvedSetting | undefined,
): readonly Handoff[] {
  const written = writtenSetting(program, setting);
  const record = written === null ? null : follow(program, written);
  if (record?.expression.kind !== "record") return [];
  const { module } = record;
  return record.expression.entries.flatMap((entry): readonly Handoff[] => {
    if (entry.kind !== "recordField") return [];
    const items =
      entry.value === null ? [] : (writtenList(program, { expression: entry.value, module }) ?? []);
    const to = items.map((item) => ({ symbol: globalNamed(program, item), at: item.expression }));
    return [
      { from: module.names.get(entry.key.text) ?? null, key: entry.key, to, file: module.file },
    ];
  });
}

/** A callable that fills roles, or is called by name. */
export function callable(program: CheckedProgram, symbol: GlobalSymbol): CheckedCallable | null {
  const declaration = program.declarationOf(symbol);
  if (declaration?.kind === "agent" || declaration?.kind === "tool" || declaration?.kind === "flow")
    return declaration;
  return null;
}

/** Skills of a filler. */
export function skillsOf(program: CheckedProgram, symbol: GlobalSymbol): readonly string[] {
  const written = writtenSetting(program, callable(program, symbol)?.settings.get("skills"));
  const items = written === null ? [] : (writtenList(program, written) ?? []);
  return items.flatMap(({ expression }) =>
    expression.kind === "string"
      ? expression.parts.map((part) => (part.kind === "text" ? part.text : "")).join("")
      : [],
  );
}
