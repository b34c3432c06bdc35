import type { Block } from "../syntax/tree.ts";
import { asInvoke } from "./as-invoke.ts";
import type { CheckedCallable, ResolvedSetting } from "./checked.ts";
import type { Checker } from "./checker.ts";
import type { Type } from "./type.ts";

const noTypes: ReadonlyMap<string, Type> = new Map();

/** The settings of a block with its spreads, whether right or wrong; own ones win. */
export function mergeSettings(c: Checker, block: Block): Map<string, ResolvedSetting> {
  const settings = new Map<string, ResolvedSetting>();
  for (const entry of block.entries) {
    if (entry.kind !== "setting" || entry.key.text === "" || settings.has(entry.key.text)) continue;
    settings.set(entry.key.text, {
      key: entry.key.text,
      value: entry.value,
      file: c.file,
      from: "own",
      node: entry,
      typeArgs: noTypes,
    });
  }
  for (const entry of block.entries) {
    if (entry.kind !== "spread") continue;
    const symbol = c.module.names.get(entry.name.text);
    const declaration = symbol === undefined ? undefined : c.world.declaration(symbol);
    if (declaration?.kind !== "let" || declaration.node.value.kind !== "record") continue;
    for (const item of declaration.node.value.entries) {
      if (item.kind !== "recordField" || item.key.text === "" || settings.has(item.key.text))
        continue;
      settings.set(item.key.text, {
        key: item.key.text,
        value: asInvoke(item),
        file: declaration.symbol.file,
        from: "spread",
        node: item,
        typeArgs: noTypes,
      });
    }
  }
  return settings;
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
