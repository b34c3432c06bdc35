import type { Block, RecordField, Setting } from "../syntax/tree.ts";
import { asInvoke } from "./as-invoke.ts";
import type { CheckedCallable, CheckedLet, ResolvedSetting } from "./checked.ts";
import type { Checker } from "./checker.ts";
import type { Type } from "./type.ts";

const noTypes: ReadonlyMap<string, Type> = new Map();

/** The settings of a block with its spreads, whether right or wrong; own ones win. */
export function mergeSettings(c: Checker, block: Block): Map<string, ResolvedSetting> {
  const settings = new Map<string, ResolvedSetting>();
  for (const entry of block.entries) {
    if (entry.kind !== "setting" || entry.key.text === "" || settings.has(entry.key.text)) continue;
    settings.set(entry.key.text, ownSetting(c, entry));
  }
  for (const entry of block.entries) {
    if (entry.kind !== "spread") continue;
    const symbol = c.module.names.get(entry.name.text);
    const declaration = symbol === undefined ? undefined : c.world.declaration(symbol);
    if (declaration?.kind !== "let") continue;
    for (const { item, file } of spreadItems(c, declaration)) {
      // As in records, the later spread wins.
      if (item.key.text === "" || settings.get(item.key.text)?.from === "own") continue;
      settings.set(item.key.text, spreadSetting(item, file));
    }
  }
  return settings;
}

export function ownSetting({ file }: Checker, node: Setting): ResolvedSetting {
  return { key: node.key.text, value: node.value, file, from: "own", node, typeArgs: noTypes };
}

export function spreadSetting(node: RecordField, file: string): ResolvedSetting {
  const value = asInvoke(node);
  return { key: node.key.text, value, file, from: "spread", node, typeArgs: noTypes };
}

export interface SpreadItem {
  readonly item: RecordField;
  readonly file: string;
}

/** The entries of a record that a `let` holds, with those that it copies from others in turn. */
export function spreadItems(c: Checker, from: CheckedLet): Iterable<SpreadItem> {
  return itemsOf(c, from, new Map()).values();
}

type Items = ReadonlyMap<string, SpreadItem>;

/** `known` keeps what one let gives, because others may copy it many times, or lead back to it. */
function itemsOf(c: Checker, { node, symbol }: CheckedLet, known: Map<string, Items>): Items {
  const before = known.get(symbol.id);
  if (before !== undefined) return before;
  const items = new Map<string, SpreadItem>();
  known.set(symbol.id, items);
  if (node.value.kind !== "record") return items;
  for (const entry of node.value.entries) {
    if (entry.kind === "recordField") {
      items.set(entry.key.text, { item: entry, file: symbol.file });
      continue;
    }
    const name = entry.value.kind === "name" ? entry.value.name.text : "";
    const other = c.world.modules.get(symbol.file)?.names.get(name);
    const declaration = other === undefined ? undefined : c.world.declaration(other);
    if (declaration?.kind !== "let") continue;
    if (declaration.symbol.file !== c.file) c.uses({ file: declaration.symbol.file });
    for (const [key, item] of itemsOf(c, declaration, known)) items.set(key, item);
  }
  return items;
}

/** `own` and what the role has besides, resolved in the role's file. */
export function roleDefaults(
  c: Checker,
  own: Map<string, ResolvedSetting>,
  role: NonNullable<CheckedCallable["role"]>,
): ReadonlyMap<string, ResolvedSetting> {
  const declaration = c.world.declaration(role.symbol);
  if (declaration?.kind !== "role") return own;
  const typeArgs = new Map<string, Type>();
  declaration.signature.typeParams.forEach((param, index) => {
    const arg = role.args[index];
    if (arg !== undefined) typeArgs.set(param.id, arg);
  });
  for (const [key, setting] of declaration.settings) {
    if (!own.has(key)) own.set(key, { ...setting, from: "role", typeArgs });
  }
  return own;
}
