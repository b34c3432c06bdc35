import type { Symbol } from "../names/symbol.ts";
import { LineMap } from "../source/line-map.ts";
import type { Name } from "../syntax/tree.ts";
import type { CheckedModule, CheckedProgram } from "./checked.ts";
import { typeText } from "./type-text.ts";

/**
 * Every name of a file, one a line: where it is declared, its scope and kind, its type, and where it is used. Lines and
 * columns count from 1. What is declared elsewhere stands at the end.
 */
export function symbolTable(program: CheckedProgram, file: string): string {
  const module = program.modules.get(file);
  if (module === undefined) return "";
  const table = new Table(program, module);
  table.walk(module.parse.tree, "");
  return table.text();
}

interface Row {
  readonly symbol: Symbol;
  at: number | null;
  readonly uses: number[];
}

class Table {
  readonly #program: CheckedProgram;
  readonly #module: CheckedModule;
  readonly #rows = new Map<unknown, Row>();
  readonly #lines: LineMap;
  /** Type parameters of the declaration that is being walked. */
  #typeParameters: readonly Name[] = [];

  constructor(program: CheckedProgram, module: CheckedModule) {
    this.#program = program;
    this.#module = module;
    this.#lines = new LineMap(module.parse.text);
  }

  walk(node: unknown, parent: string): void {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) {
      for (const item of node) this.walk(item, parent);
      return;
    }
    if (isName(node)) {
      this.#use(node, parent);
      return;
    }
    const kind = "kind" in node && typeof node.kind === "string" ? node.kind : parent;
    this.#declare(node, kind);
    for (const [key, value] of Object.entries(node)) if (key !== "doc") this.walk(value, kind);
  }

  #declare(node: object, kind: string): void {
    const generic = "typeParams" in node ? node.typeParams : "params" in node ? node.params : null;
    if (["type", "role", "flow"].includes(kind) && Array.isArray(generic))
      this.#typeParameters = generic.filter(isName);
    const name = "variable" in node ? node.variable : "param" in node ? node.param : null;
    const own = name ?? ("name" in node ? node.name : null);
    if (own === null || !isName(own)) return;
    const global = this.#module.symbols.find(
      (symbol) => symbol.name === own.text && this.#program.declarationOf(symbol)?.node === node,
    );
    const symbol = global ?? localSymbol(node, own.text, kind);
    if (symbol !== null) this.#row(symbol).at = own.start;
  }

  #use(name: Name, parent: string): void {
    const isType = parent === "named" || parent === "roleHead";
    const symbol = this.#module.symbolOf(name) ?? (isType ? this.#typeNamed(name.text) : undefined);
    if (symbol === undefined) return;
    const row = this.#row(symbol);
    if (row.at !== name.start) row.uses.push(name.start);
  }

  #typeNamed(name: string): Symbol | undefined {
    const node = this.#typeParameters.find((param) => param.text === name);
    return node === undefined
      ? this.#module.names.get(name)
      : { scope: "local", kind: "typeParameter", name, node };
  }

  #row(symbol: Symbol): Row {
    const key =
      symbol.scope === "global"
        ? symbol.id
        : symbol.scope === "function"
          ? symbol.name
          : (symbol.node ?? symbol.name);
    let row = this.#rows.get(key);
    if (row === undefined) this.#rows.set(key, (row = { symbol, at: placeOf(symbol), uses: [] }));
    return row;
  }

  text(): string {
    const rows = [...this.#rows.values()].sort(
      (left, right) => (left.at ?? Infinity) - (right.at ?? Infinity) || byName(left, right),
    );
    return rows.map((row) => `${this.#line(row)}\n`).join("");
  }

  #line({ symbol, at, uses }: Row): string {
    const place =
      at !== null ? this.#place(at) : symbol.scope === "global" ? symbol.file : "built in";
    const type = this.#type(symbol);
    const used =
      uses.length === 0 ? "never used" : `used ${uses.map((use) => this.#place(use)).join(" ")}`;
    return `${place} ${symbol.scope} ${symbol.kind} ${symbol.name}${type === null ? "" : `: ${type}`}; ${used}`;
  }

  #type(symbol: Symbol): string | null {
    if (symbol.scope === "function" || symbol.kind === "typeParameter") return null;
    if (symbol.scope !== "global") return typeText(this.#module.typeOfSymbol(symbol));
    const declaration = this.#program.declarationOf(symbol);
    if (declaration === undefined) return null;
    if ("type" in declaration) return typeText(declaration.type);
    if (!("signature" in declaration)) return null;
    const { params, returns } = declaration.signature;
    const list = params.map((param) => `${param.name}: ${typeText(param.type)}`).join(", ");
    return `(${list}) -> ${typeText(returns)}`;
  }

  #place(offset: number): string {
    const { line, column } = this.#lines.positionAt(offset);
    return `${line + 1}:${column + 1}`;
  }
}

/** Null for what is declared elsewhere. */
function placeOf(symbol: Symbol): number | null {
  if (symbol.scope !== "local") return null;
  const { node } = symbol;
  if ("variable" in node) return node.variable.start;
  if ("param" in node) return node.param.start;
  return "name" in node ? node.name.start : node.start;
}

/** Only names that the phases look up by their declaring node. */
function localSymbol(node: object, name: string, kind: string): Symbol | null {
  if (!["step", "let", "state", "for", "lambda"].includes(kind)) return null;
  const symbol = { scope: "local", kind: kind === "for" ? "item" : kind, name, node };
  return symbol as Symbol;
}

function isName(node: unknown): node is Name {
  return (
    typeof node === "object" &&
    node !== null &&
    !("kind" in node) &&
    !("quote" in node) &&
    "text" in node &&
    typeof node.text === "string" &&
    "start" in node
  );
}

function byName(left: Row, right: Row): number {
  return left.symbol.name < right.symbol.name ? -1 : left.symbol.name > right.symbol.name ? 1 : 0;
}
