import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { ParseResult } from "../syntax/parse-result.ts";
import type {
  AgentDeclaration,
  Block,
  ConfigDeclaration,
  Declaration,
  Expression,
  FlowDeclaration,
  Name,
  RoleHead,
  TestDeclaration,
  ToolDeclaration,
} from "../syntax/tree.ts";
import { damageOf } from "./damage.ts";
import type { Damage } from "./damage.ts";
import { resolveImport } from "./module-path.ts";
import { plainText } from "./plain-text.ts";
import { faultDiagnostic, spanOf } from "./reporter.ts";
import { reservedMeaning } from "./reserved.ts";
import { globalId } from "./symbol.ts";
import type { GlobalSymbol } from "./symbol.ts";

export type NamedDeclaration = Exclude<Declaration, ConfigDeclaration | TestDeclaration>;

/** What a file says by itself, whatever other files say. Kept as long as its text. */
export interface FileFacts {
  readonly declared: ReadonlyMap<string, DeclaredSymbol>;
  /** Names whose declaration could not be read well enough to say what they are. */
  readonly unsure: ReadonlySet<string>;
  readonly damage: Damage;
  readonly symbols: readonly GlobalSymbol[];
  readonly configs: readonly ConfigDeclaration[];
  readonly tests: readonly TestDeclaration[];
  /** Paths its imports name, each once. */
  readonly importPaths: readonly string[];
  /** Heads that fill a role. */
  readonly fillings: readonly { readonly symbol: GlobalSymbol; readonly head: RoleHead }[];
  /** Error codes that its tools and `fail` raise. */
  readonly codes: readonly string[];
  /** What importers can see; when it is unchanged, they need no new check. */
  readonly exportedText: string;
  readonly configText: string;
  readonly diagnostics: readonly Diagnostic[];
}

export interface DeclaredSymbol {
  readonly symbol: GlobalSymbol;
  readonly node: NamedDeclaration;
}

const cache = new WeakMap<ParseResult, FileFacts>();

export function fileFacts(parse: ParseResult): FileFacts {
  let facts = cache.get(parse);
  if (facts === undefined) {
    facts = gather(parse);
    cache.set(parse, facts);
  }
  return facts;
}

function gather(parse: ParseResult): FileFacts {
  const { file, text, tree } = parse;
  const declared = new Map<string, DeclaredSymbol>();
  const fillings: { symbol: GlobalSymbol; head: RoleHead }[] = [];
  const configs: ConfigDeclaration[] = [];
  const tests: TestDeclaration[] = [];
  const diagnostics: Diagnostic[] = [];
  const damage = damageOf(parse);
  const unsure = new Set<string>();
  for (const node of tree.declarations) {
    if (node.kind === "config") configs.push(node);
    else if (node.kind === "test") tests.push(node);
    else {
      const { name } = node;
      if (name.text === "") continue;
      if (damage.unsure.has(node)) {
        unsure.add(name.text);
        continue;
      }
      const symbol: GlobalSymbol = {
        scope: "global",
        kind: node.kind,
        name: name.text,
        file,
        id: globalId(file, name.text),
      };
      if ("head" in node && node.head.kind === "roleHead")
        fillings.push({ symbol, head: node.head });
      const taken = takenDiagnostic(file, name, node.kind, declared.get(name.text)?.node.name);
      if (taken !== undefined) diagnostics.push(taken);
      if (!declared.has(name.text)) declared.set(name.text, { symbol, node });
    }
  }
  let exportedText: string | undefined;
  return {
    declared,
    unsure,
    damage,
    symbols: [...declared.values()].map(({ symbol }) => symbol),
    configs,
    tests,
    fillings,
    importPaths: importPathsOf(parse),
    codes: codesOf(parse),
    // Only who has an earlier version of the file asks for it.
    get exportedText() {
      return (exportedText ??= exportedTextOf(parse, unsure, damage));
    },
    configText: configs.map((node) => text.slice(node.start, node.end)).join("\n"),
    diagnostics,
  };
}

function importPathsOf({ file, tree }: ParseResult): string[] {
  const paths = new Set<string>();
  for (const { from } of tree.imports) {
    const path = resolveImport(file, plainText(from) ?? "");
    if (path !== undefined) paths.add(path);
  }
  return [...paths];
}

function takenDiagnostic(
  file: string,
  name: Name,
  kind: string,
  first: Name | undefined,
): Diagnostic | undefined {
  if (first !== undefined) {
    return faultDiagnostic(file, {
      code: "AF2002",
      at: name,
      message: `\`${name.text}\` is declared twice in this file`,
      label: "declared again here",
      related: [{ span: spanOf(file, first), message: "first declared here" }],
      help: "give one of the two another name",
    });
  }
  const meaning = reservedMeaning(name.text, kind === "type" || kind === "role");
  if (meaning === undefined) return undefined;
  return faultDiagnostic(file, {
    code: "AF2002",
    at: name,
    message: `\`${name.text}\` is the name of ${meaning}, so ${kind === "let" ? "a `let`" : `this ${kind}`} cannot have it`,
    help: "choose another name",
  });
}

function exportedTextOf(
  { text, tree }: ParseResult,
  unsure: ReadonlySet<string>,
  { lostNames }: Damage,
): string {
  const exported = tree.declarations.flatMap((node) =>
    node.kind === "config" || node.kind === "test" ? [] : [exportedPart(text, node)],
  );
  if (unsure.size > 0 || lostNames)
    exported.push(`unsure: ${[...unsure].join(" ")} ${String(lostNames)}`);
  return exported.join("\n");
}

/** The head for what is called, the whole text for what is copied or looked into. */
function exportedPart(text: string, node: NamedDeclaration): string {
  if (node.kind === "let" || node.kind === "type") return text.slice(node.start, node.end);
  if (node.block === null) return text.slice(node.start, node.end);
  const parts = [text.slice(node.start, node.block.start)];
  for (const entry of node.block.entries) {
    if (entry.kind === "spread") parts.push(text.slice(entry.start, entry.end));
    if (entry.kind !== "setting") continue;
    if (entry.key.text === "skills" || entry.key.text === "errors")
      parts.push(text.slice(entry.start, entry.end));
    // Who fills a role need not set again what the role sets.
    else if (node.kind === "role") parts.push(entry.key.text);
  }
  return parts.join(" ");
}

/** A comment or text that looks like `fail("…")` counts too; it only makes a check of codes milder. */
const failCall = /\bfail\s*\(\s*(?:code\s*:\s*)?"([A-Za-z0-9_]+)"/gu;

function codesOf(parse: ParseResult): string[] {
  const codes: string[] = [];
  if (parse.text.includes("fail"))
    for (const match of parse.text.matchAll(failCall)) codes.push(match[1] ?? "");
  for (const node of parse.tree.declarations) {
    if (node.kind === "tool") codesInBlock(node.block, codes);
    else if (node.kind === "let") codesInLet(node.value, codes);
  }
  return codes;
}

/** What a `let` holds may be the `errors` of a tool anywhere: texts, codes by status, or settings that are spread. */
function codesInLet(value: Expression, codes: string[]): void {
  if (value.kind === "string" || value.kind === "listLiteral") return codesInValue(value, codes);
  if (value.kind !== "record") return;
  const isByStatus = value.entries.every(
    (entry) => entry.kind === "recordField" && /^[1-5]\d\d$/u.test(entry.key.text),
  );
  if (isByStatus) codesInValue(value, codes);
  for (const entry of value.entries)
    if (entry.kind === "recordField" && entry.key.text === "errors" && entry.value !== null)
      codesInValue(entry.value, codes);
}

function codesInBlock(block: Block, codes: string[]): void {
  for (const entry of block.entries) {
    if (entry.kind !== "setting" || entry.key.text !== "errors" || entry.value.kind !== "invoke")
      continue;
    codesInValue(entry.value.expression, codes);
  }
}

function codesInValue(value: Expression, codes: string[]): void {
  const texts =
    value.kind === "listLiteral"
      ? value.items
      : value.kind === "record"
        ? value.entries.flatMap((entry) =>
            entry.kind === "recordField" && entry.value !== null ? [entry.value] : [],
          )
        : [value];
  for (const item of texts) {
    const text = plainText(item);
    if (text !== undefined && /^\w{1,100}$/u.test(text)) codes.push(text);
  }
}

export type CallableDeclaration = AgentDeclaration | ToolDeclaration | FlowDeclaration;
