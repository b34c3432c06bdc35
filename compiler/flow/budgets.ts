import type { CheckedProgram, ResolvedSetting } from "../types/checked.ts";
import type { Node } from "../syntax/tree.ts";
import { constantOf, writtenRecord, writtenSetting } from "./written.ts";

/** A `budget` whose amounts are constants. */
export interface WrittenBudget {
  /** Dollars. */
  readonly cost: number | null;
  readonly tokens: number | null;
  readonly file: string;
  readonly node: Node;
}

export function budgetOf(
  program: CheckedProgram,
  settings: ReadonlyMap<string, ResolvedSetting>,
): WrittenBudget | null {
  const setting = settings.get("budget");
  const written = writtenSetting(program, setting);
  const entries = written === null ? null : writtenRecord(program, written);
  if (setting === undefined || entries === null) return null;
  const amount = (key: string): number | null => {
    const value = constantOf(program, entries.get(key) ?? null);
    return typeof value === "number" ? value : null;
  };
  return { cost: amount("cost"), tokens: amount("tokens"), file: setting.file, node: setting.node };
}

/** `$0.05`, `$12.50`: at least two decimals, at most six. */
export function dollars(amount: number): string {
  const [whole = "0", decimals = ""] = amount.toFixed(6).split(".");
  return `$${whole}.${decimals.slice(0, 2)}${decimals.slice(2).replace(/0+$/, "")}`;
}
