import { inOrderOfNeed } from "../names/mentioned-names.ts";
import { mentionedTypes } from "../names/mentioned-types.ts";
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
import { deepestType, measure, tooDeep } from "./type-depth.ts";
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
  readonly #declarations = new Map<GlobalSymbol, CheckedDeclaration>();
  readonly #types = new Map<string, Type>();
  readonly #open = new Set<string>();
  readonly #preparing = new Set<string>();
  #isInOrder = false;
  #config: ConfigSpace | undefined;

  constructor(
    graph: ModuleGraph,
    read: SourceReader["read"],
    fillers: ReadonlyMap<string, readonly GlobalSymbol[]> = collectFillers(graph.modules),
  ) {
    this.modules = graph.modules;
    this.#read = read;
    this.codes = new Set([
      ...builtInCodes,
      ...[...graph.modules.values()].flatMap((module) => module.facts.codes),
    ]);
    this.fillers = fillers;
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
    const kept = this.#declarations.get(symbol);
    if (kept !== undefined) return kept;
    const found = this.modules.get(symbol.file)?.facts.declared.get(symbol.name);
    if (found === undefined) return undefined;
    // An unchanged file may hold the symbol of an earlier snapshot.
    const declaration =
      this.#declarations.get(found.symbol) ??
      declare(this.checker(symbol.file), found.symbol, found.node);
    this.#declarations.set(found.symbol, declaration).set(symbol, declaration);
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
    const node = this.#typeNode(symbol);
    if (node === undefined) return errorType;
    if (args.length === 0) this.#resolveNeeds(symbol, node);
    return this.#types.get(key) ?? this.#instantiate({ symbol, node, args, key });
  }

  #typeNode(symbol: GlobalSymbol): TypeDeclaration | undefined {
    const node = this.modules.get(symbol.file)?.facts.declared.get(symbol.name)?.node;
    return node?.kind === "type" ? node : undefined;
  }

  /**
   * What a type mentions is resolved before it. Generated programs have long chains, which recursion could not follow; and
   * records that contain the type are known by then, so that it may contain itself through them.
   */
  #resolveNeeds(symbol: GlobalSymbol, node: TypeDeclaration): void {
    if (!this.#isInOrder && this.#open.size === 0) {
      this.#isInOrder = true;
      if (this.#needsOf(symbol).length > 0) {
        const needs = inOrderOfNeed(symbol, (item) => this.#needsOf(item));
        for (const need of needs) if (need !== symbol) this.instantiate(need, []);
      }
      this.#isInOrder = false;
    }
    const isRecord = node.value.kind === "shape" || node.value.kind === "union";
    if (isRecord || this.#preparing.has(symbol.id)) return;
    this.#preparing.add(symbol.id);
    for (const need of this.#needsOf(symbol)) this.instantiate(need, []);
    this.#preparing.delete(symbol.id);
  }

  #needsOf(symbol: GlobalSymbol): readonly GlobalSymbol[] {
    const node = this.#typeNode(symbol);
    if (node === undefined || node.params.length > 0 || this.#types.has(symbol.id)) return [];
    const names = this.modules.get(symbol.file)?.names;
    const needs: GlobalSymbol[] = [];
    for (const name of mentionedTypes(node.value)) {
      const need = names?.get(name);
      if (need?.kind === "type" && this.#typeNode(need)?.params.length === 0) needs.push(need);
    }
    return needs;
  }

  #instantiate({ symbol, node, args, key }: Instantiation): Type {
    const c = this.checker(symbol.file);
    const refuse = (message: string, help: string): Type => {
      c.loudly(() => c.report({ code: "AF3010", at: node.name, message, help }));
      return errorType;
    };
    if (this.#open.has(key))
      return refuse(
        `the type \`${symbol.name}\` is nothing but itself`,
        "only a field of a record may have the type of the record around it",
      );
    // A generic type that mentions ever new instances of itself would never end.
    if (this.#open.size + this.#preparing.size > deepestType)
      return refuse(
        `\`${symbol.name}\` stands inside more than ${deepestType} other types`,
        "nest fewer types; a generic type may mention itself only with the same types in `<…>`",
      );
    this.#open.add(key);
    const params = typeParametersOf(symbol, node.params);
    // Faults in a generic type are told once, where it is declared.
    const isOwn = args.every(
      (arg, index) => arg.kind === "typeParameter" && arg.id === params[index]?.id,
    );
    const scope: TypeScope =
      params.length === 0
        ? noScope
        : new Map(node.params.map((param, index) => [param.text, args[index] ?? errorType]));
    const resolve = (): Type =>
      this.#resolve(c, key, { node, declared: { name: symbol.name, id: symbol.id, args }, scope });
    let type = isOwn ? c.loudly(resolve) : c.silently(resolve);
    this.#open.delete(key);
    const depth = measure(type);
    if (depth > deepestType) {
      if (depth !== Number.POSITIVE_INFINITY)
        refuse(
          `\`${symbol.name}\` holds types more than ${deepestType} levels deep`,
          "nest fewer types; a list with references by name says the same",
        );
      type = tooDeep;
    }
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

const noScope: TypeScope = new Map();

interface Instantiation {
  readonly symbol: GlobalSymbol;
  readonly node: TypeDeclaration;
  readonly args: readonly Type[];
  readonly key: string;
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
