import type { SourceReader } from "../names/source-reader.ts";
import type { Module, ModuleGraph } from "../names/module-graph.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { TypeDeclaration } from "../syntax/tree.ts";
import { builtInCodes } from "./built-in-types.ts";
import { collectConfig } from "./collect-config.ts";
import type { ConfigSpace } from "./collect-config.ts";
import type { CheckedDeclaration } from "./checked.ts";
import { declare, typeParametersOf } from "./declarations.ts";
import { FileChecker } from "./file-checker.ts";
import { resolveFields, resolveType } from "./resolve-type.ts";
import type { TypeScope } from "./resolve-type.ts";
import { sameType } from "./same-type.ts";
import { typeKey } from "./type-text.ts";
import { errorType } from "./type.ts";
import type { DeclaredName, RecordField, RoleType, Type, UnionType } from "./type.ts";
import type { World } from "./world.ts";

/** One snapshot of a program: its files, and what they declare, worked out on demand. */
export class ProgramWorld implements World {
  readonly modules: ReadonlyMap<string, Module>;
  readonly codes: ReadonlySet<string>;
  readonly fillers: ReadonlyMap<string, readonly GlobalSymbol[]>;
  readonly #read: SourceReader["read"];
  readonly #checkers = new Map<string, FileChecker>();
  readonly #declarations = new Map<string, CheckedDeclaration | undefined>();
  readonly #types = new Map<string, Type>();
  readonly #open = new Set<string>();
  #config: ConfigSpace | undefined;

  constructor(graph: ModuleGraph, read: SourceReader["read"]) {
    this.modules = graph.modules;
    this.#read = read;
    this.codes = new Set([
      ...builtInCodes,
      ...[...graph.modules.values()].flatMap((module) => module.facts.codes),
    ]);
    this.fillers = collectFillers(graph.modules);
  }

  get config(): ConfigSpace["entries"] {
    return this.configSpace.entries;
  }

  get environments(): ConfigSpace["environments"] {
    return this.configSpace.environments;
  }

  get configIsUnsure(): boolean {
    return [...this.modules.values()].some(({ facts }) =>
      facts.configs.some((node) => facts.damage.nodes.has(node)),
    );
  }

  get configSpace(): ConfigSpace {
    this.#config ??= collectConfig(this.modules, (file) => this.checker(file));
    return this.#config;
  }

  /** Works for one file; what it finds counts only if the file is checked in this snapshot. */
  checker(file: string): FileChecker {
    let checker = this.#checkers.get(file);
    if (checker === undefined) {
      const module = this.modules.get(file);
      if (module === undefined) throw new Error(`no module ${file}`);
      checker = new FileChecker(this, module);
      this.#checkers.set(file, checker);
    }
    return checker;
  }

  declaration(symbol: GlobalSymbol): CheckedDeclaration | undefined {
    if (this.#declarations.has(symbol.id)) return this.#declarations.get(symbol.id);
    const found = this.modules.get(symbol.file)?.facts.declared.get(symbol.name);
    const declaration =
      found === undefined
        ? undefined
        : declare(this.checker(symbol.file), found.symbol, found.node);
    this.#declarations.set(symbol.id, declaration);
    return declaration;
  }

  include(path: string): string | null {
    return this.#read(path);
  }

  fills(symbol: GlobalSymbol, role: RoleType): boolean {
    const own = this.roleOf(symbol);
    // A head whose role is unknown was reported; it may be the right one.
    if (own === undefined) return this.#isUnsure(symbol);
    if (own.role.id !== role.role.id) return false;
    return own.args.every(
      (arg, index) => arg.kind === "error" || sameType(arg, role.args[index] ?? errorType),
    );
  }

  #isUnsure(symbol: GlobalSymbol): boolean {
    const declaration = this.declaration(symbol);
    return (
      declaration !== undefined &&
      "role" in declaration &&
      declaration.node.head.kind === "roleHead"
    );
  }

  roleOf(symbol: GlobalSymbol): RoleType | undefined {
    const declaration = this.declaration(symbol);
    if (declaration === undefined || !("role" in declaration) || declaration.role === null)
      return undefined;
    return { kind: "role", role: declaration.role.symbol, args: declaration.role.args };
  }

  fillerNames(role: RoleType): readonly string[] {
    const all = this.fillers.get(role.role.id) ?? [];
    const fitting = role.args.length === 0 ? all : all.filter((symbol) => this.fills(symbol, role));
    return fitting.map((symbol) => symbol.name);
  }

  instantiate(symbol: GlobalSymbol, args: readonly Type[]): Type {
    const key = args.length === 0 ? symbol.id : `${symbol.id}<${args.map(typeKey).join(", ")}>`;
    const kept = this.#types.get(key);
    if (kept !== undefined) return kept;
    const node = this.modules.get(symbol.file)?.facts.declared.get(symbol.name)?.node;
    if (node?.kind !== "type") return errorType;
    // A generic type that mentions ever new instances of itself would never end.
    const c = this.checker(symbol.file);
    if (this.#open.size > 100) {
      // Nothing may pass for any type without a word.
      if (args.length === 0)
        c.loudly(() =>
          c.report({
            code: "AF3010",
            at: node.name,
            message: `\`${symbol.name}\` stands more than 100 types deep inside others`,
            help: "nest fewer types, or declare those inside above those around them",
          }),
        );
      return errorType;
    }
    if (this.#open.has(key)) {
      c.loudly(() =>
        c.report({
          code: "AF3010",
          at: node.name,
          message: `the type \`${symbol.name}\` is nothing but itself`,
          help: "only a field of a record may have the type of the record around it",
        }),
      );
      return errorType;
    }
    this.#open.add(key);
    const params = typeParametersOf(symbol, node.params);
    // Faults in a generic type are told once, where it is declared.
    const isOwn = args.every(
      (arg, index) => arg.kind === "typeParameter" && arg.id === params[index]?.id,
    );
    const scope: TypeScope = new Map(
      node.params.map((param, index) => [param.text, args[index] ?? errorType]),
    );
    const resolve = (): Type =>
      this.#resolve(c, key, { node, declared: { name: symbol.name, id: symbol.id, args }, scope });
    const type = isOwn ? c.loudly(resolve) : c.silently(resolve);
    this.#open.delete(key);
    this.#types.set(key, type);
    return type;
  }

  /** Records and unions are kept before they are filled, so that they may contain themselves. */
  #resolve(
    c: FileChecker,
    key: string,
    { node, declared, scope }: { node: TypeDeclaration; declared: DeclaredName; scope: TypeScope },
  ): Type {
    const doc = node.doc?.text ?? null;
    let { value } = node;
    while (value.kind === "parenthesizedType") value = value.type;
    if (value.kind === "shape") {
      const fields = new Map<string, RecordField>();
      const record: Type = { kind: "record", declared, doc, fields };
      this.#types.set(key, record);
      resolveFields(c, value, scope, fields);
      return record;
    }
    if (value.kind === "union") {
      const members: UnionType["members"][number][] = [];
      const docs: (string | null)[] = [];
      const union = {
        kind: "union" as const,
        declared,
        doc,
        members,
        docs,
        tag: null as string | null,
      };
      this.#types.set(key, union);
      const found = resolveType(c, value, scope);
      if (found.kind !== "union") return found;
      members.push(...found.members);
      docs.push(...found.docs);
      union.tag = found.tag;
      return union;
    }
    return resolveType(c, value, scope);
  }
}

/** Agents, tools and flows of the program that fill each role, sorted by name. */
function collectFillers(
  modules: ReadonlyMap<string, Module>,
): ReadonlyMap<string, readonly GlobalSymbol[]> {
  const fillers = new Map<string, GlobalSymbol[]>();
  for (const module of modules.values()) {
    for (const { symbol } of module.facts.declared.values())
      if (symbol.kind === "role") fillers.set(symbol.id, fillers.get(symbol.id) ?? []);
    for (const { symbol, head } of module.facts.fillings) {
      const role = module.names.get(head.role.text);
      if (role?.kind !== "role") continue;
      const list = fillers.get(role.id);
      if (list === undefined) fillers.set(role.id, [symbol]);
      else list.push(symbol);
    }
  }
  for (const list of fillers.values())
    list.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return fillers;
}
