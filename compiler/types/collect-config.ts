import { spanOf } from "../names/reporter.ts";
import type { Module } from "../names/module-graph.ts";
import type { ConfigDeclaration, Field, Name } from "../syntax/tree.ts";
import type { ConfigEntry } from "./checked.ts";
import type { Checker } from "./checker.ts";
import { sameType } from "./same-type.ts";
import { typeText } from "./type-text.ts";
import type { DefaultValue, Type } from "./type.ts";

/** The `config` of a program: one namespace over all files. */
export interface ConfigSpace {
  readonly entries: ReadonlyMap<string, ConfigEntry>;
  readonly environments: ReadonlyMap<string, ReadonlyMap<string, DefaultValue>>;
}

export function collectConfig(
  modules: ReadonlyMap<string, Module>,
  checkerOf: (file: string) => Checker,
): ConfigSpace {
  const entries = new Map<string, ConfigEntry>();
  const environments = new Map<string, Map<string, DefaultValue>>();
  for (const module of modules.values()) {
    for (const node of module.facts.configs) {
      if (node.shape !== null) addEntries(module.file, node, entries, checkerOf);
      if (node.environment !== null && node.block !== null)
        addValues(module.file, node, environments);
    }
  }
  return { entries, environments };
}

/** An entry whose type is worked out when somebody asks: few are asked for after a change. */
class DeclaredEntry implements ConfigEntry {
  readonly name: string;
  readonly doc: string | null;
  readonly default: DefaultValue | null;
  readonly file: string;
  readonly node: Name;
  readonly #field: Field;
  readonly #checkerOf: (file: string) => Checker;

  constructor(file: string, field: Field, checkerOf: (file: string) => Checker) {
    this.name = field.name.text;
    this.doc = field.doc?.text ?? null;
    this.default = field.default === null ? null : { expression: field.default, file };
    this.file = file;
    this.node = field.name;
    this.#field = field;
    this.#checkerOf = checkerOf;
  }

  get type(): Type {
    return this.#checkerOf(this.file).resolveType(this.#field.type, new Map());
  }
}

function addEntries(
  file: string,
  node: ConfigDeclaration,
  entries: Map<string, ConfigEntry>,
  checkerOf: (file: string) => Checker,
): void {
  for (const field of node.shape?.fields ?? []) {
    if (field.name.text === "") continue;
    const first = entries.get(field.name.text);
    if (first === undefined) {
      entries.set(field.name.text, new DeclaredEntry(file, field, checkerOf));
      continue;
    }
    const c = checkerOf(file);
    const type = c.resolveType(field.type, new Map());
    // Two files may need the same entry, if they mean the same.
    if (first.file !== c.file && sameType(first.type, type)) continue;
    c.loudly(() =>
      c.report({
        code: "AF2002",
        at: field.name,
        message:
          first.file === c.file
            ? `\`config.${field.name.text}\` is declared twice`
            : `\`config.${field.name.text}\` is \`${typeText(type)}\` here and \`${typeText(first.type)}\` in another file; \`config\` is one for the whole program`,
        related: [{ span: spanOf(first.file, first.node), message: "the other one" }],
        help: "give one of the two another name",
      }),
    );
  }
}

function addValues(
  file: string,
  node: ConfigDeclaration,
  environments: Map<string, Map<string, DefaultValue>>,
): void {
  const name = node.environment?.text ?? "";
  if (name === "") return;
  const values = environments.get(name) ?? new Map<string, DefaultValue>();
  environments.set(name, values);
  for (const entry of node.block?.entries ?? []) {
    if (entry.kind !== "setting" || entry.value.kind !== "invoke" || values.has(entry.key.text))
      continue;
    values.set(entry.key.text, { expression: entry.value.expression, file });
  }
}
