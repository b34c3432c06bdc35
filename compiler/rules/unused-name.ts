import type { Edit, Fix } from "../diagnostics/diagnostic.ts";
import { entriesIn } from "../flow/entries-in.ts";
import { namesInBlock, namesInExpression } from "../flow/names-in.ts";
import type { CheckedModule } from "../types/checked.ts";
import type {
  AgentDeclaration,
  Block,
  Declaration,
  FlowDeclaration,
  Import,
  LetDeclaration,
  Name,
  Node,
  Signature,
  ToolDeclaration,
} from "../syntax/tree.ts";
import { namesOfTypes } from "./names-of-types.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** AF9001, a warning: an import, `let` or parameter that nothing uses; often its name was misspelt somewhere else. */
export const unusedName: Rule = (context) => {
  const { module } = context;
  const inBlocks = new Map(
    module.parse.tree.declarations.map((declaration) => [declaration, usedInBlock(declaration)]),
  );
  const used = usedIn(module, inBlocks);
  for (const declaration of module.parse.tree.imports) checkImport(declaration, used, context);
  for (const declaration of module.parse.tree.declarations) {
    if (context.isFaulty(declaration)) continue;
    if (declaration.kind === "let" && isEntry(context) && !used.has(declaration.name.text)) {
      warnOf("`let`", declaration.name, removal(declaration, module), context);
    }
    const own = inBlocks.get(declaration) ?? noNames;
    if (declaration.kind === "flow" || declaration.kind === "test")
      checkLets(declaration.block, own, context);
    if (declaration.kind === "flow" || declaration.kind === "agent" || declaration.kind === "tool")
      checkParams(declaration, own, context);
  }
};

/** Names are told apart by their text: nothing may shadow anything, so within a file one text means one thing. */
function usedIn(module: CheckedModule, inBlocks: InBlocks): ReadonlySet<string> {
  const used = new Set<string>();
  const visit = (name: Name) => used.add(name.text);
  for (const declaration of module.parse.tree.declarations) {
    namesOfTypes(declaration, visit);
    namesOfDeclaration(declaration, visit);
    for (const name of inBlocks.get(declaration) ?? noNames) used.add(name);
  }
  return used;
}

type InBlocks = ReadonlyMap<Declaration, ReadonlySet<string>>;

const noNames: ReadonlySet<string> = new Set<string>();

function usedInBlock(declaration: Declaration): ReadonlySet<string> {
  if (declaration.kind === "let" || declaration.kind === "type" || declaration.block === null)
    return noNames;
  const used = new Set<string>();
  namesInBlock(declaration.block, (name) => used.add(name.text));
  return used;
}

/** What stands outside its block. */
function namesOfDeclaration(declaration: Declaration, visit: (name: Name) => void): void {
  if (declaration.kind === "let") namesInExpression(declaration.value, visit);
  else if (declaration.kind === "config") {
    for (const field of declaration.shape?.fields ?? [])
      if (field.default !== null) namesInExpression(field.default, visit);
  }
  const signature =
    "head" in declaration
      ? declaration.head
      : declaration.kind === "role"
        ? declaration.signature
        : null;
  if (signature?.kind !== "signature") return;
  for (const field of signature.params)
    if (field.default !== null) namesInExpression(field.default, visit);
}

/** Stub keys and handoffs name things without being expressions. */
function mentionsKey(module: CheckedModule, text: string): boolean {
  return module.parse.tree.declarations.some((declaration) => {
    if (declaration.kind !== "test" && declaration.kind !== "flow") return false;
    return keysIn(declaration.block).has(text);
  });
}

const keys = new WeakMap<Block, ReadonlySet<string>>();

function keysIn(block: Block): ReadonlySet<string> {
  let found = keys.get(block);
  if (found === undefined) {
    const names = new Set<string>();
    const walk = (node: unknown): void => {
      if (typeof node !== "object" || node === null) return;
      if ("kind" in node && node.kind === "recordField" && "key" in node)
        names.add((node.key as Name).text);
      for (const value of Object.values(node)) walk(value);
    };
    walk(block);
    found = names;
    keys.set(block, found);
  }
  return found;
}

function checkImport(declaration: Import, used: ReadonlySet<string>, context: RuleContext): void {
  const { module } = context;
  const unused = declaration.names.filter((item) => {
    const name = (item.alias ?? item.name).text;
    // An import that failed was reported; its name means nothing here.
    return name !== "" && module.names.has(name) && !used.has(name) && !mentionsKey(module, name);
  });
  // An import of nothing but fillers would be empty without them; taking a file in is a use of it.
  for (const item of unused) {
    const only = unused.length === declaration.names.length;
    const fix = only ? removal(declaration, module) : removeFromList(item, declaration, module);
    warnOf("import", item.alias ?? item.name, fix, context);
  }
}

function checkLets(block: Block, own: ReadonlySet<string>, context: RuleContext): void {
  const used = new Set(own);
  // An included text may use lets, too; it stands in another file.
  if (own.has("include")) namesInBlock(block, (name) => used.add(name.text), context.module);
  for (const declaration of letsIn(block)) {
    if (declaration.name.text !== "" && !used.has(declaration.name.text)) {
      warnOf("`let`", declaration.name, removal(declaration, context.module), context);
    }
  }
}

function letsIn(block: Block): readonly LetDeclaration[] {
  const lets: LetDeclaration[] = [];
  entriesIn(block, (entry) => {
    if (entry.kind === "let") lets.push(entry);
  });
  return lets;
}

/** Parameters that a role dictates, and those a tool sends by itself, are used. */
function checkParams(
  declaration: FlowDeclaration | AgentDeclaration | ToolDeclaration,
  used: ReadonlySet<string>,
  context: RuleContext,
): void {
  if (declaration.head.kind !== "signature") return;
  const { params } = declaration.head satisfies Signature;
  if (declaration.kind === "tool" && !sendsOnlyWhatItNames(declaration.block)) return;
  // An included text may use parameters, too; it stands in another file.
  if (used.has("include")) return;
  const byName =
    declaration.kind === "agent" &&
    declaration.block.entries.some((entry) => entry.kind === "spread");
  for (const param of params) {
    if (param.name.text === "" || used.has(param.name.text) || byName) continue;
    if (param.default !== null && declaration.kind === "flow" && used.size === 0) continue;
    warnOf("parameter", param.name, null, context);
  }
}

/** Without `body` and `query`, an HTTP tool sends all parameters; modules and MCP tools get them all anyway. */
function sendsOnlyWhatItNames(block: Block): boolean {
  return block.entries.some(
    (entry) =>
      entry.kind === "setting" && (entry.key.text === "body" || entry.key.text === "query"),
  );
}

function isEntry({ program, module }: RuleContext): boolean {
  // What another file may import is used there.
  const imported = [...program.modules.values()].some((other) =>
    other.imports.includes(module.file),
  );
  return program.entries.includes(module.file) && !imported;
}

function warnOf(what: string, at: Name, fix: Fix | null, { warn }: RuleContext): void {
  warn({
    code: "AF9001",
    at,
    message: `nothing uses the ${what} \`${at.text}\``,
    help:
      fix === null ? "use it, or remove it here and where it is passed" : "use it, or remove it",
    fixes: fix === null ? [] : [fix],
  });
}

/** Takes the whole line along if nothing else stands on it. */
function removal(node: Node, module: CheckedModule): Fix {
  const { text } = module.parse;
  const lineStart = text.lastIndexOf("\n", node.start - 1) + 1;
  const alone = text.slice(lineStart, node.start).trim() === "";
  const after = /^[ \t]*(\r?\n|$)/.exec(text.slice(node.end));
  const start = alone && after !== null ? lineStart : node.start;
  const end = alone && after !== null ? node.end + after[0].length : node.end;
  return {
    title: "remove it",
    edits: [{ span: { file: module.file, start, end }, text: "" }],
    safe: true,
  };
}

function removeFromList(item: Import["names"][number], list: Import, module: CheckedModule): Fix {
  const index = list.names.indexOf(item);
  const next = list.names[index + 1];
  const previous = list.names[index - 1];
  // The comma goes with it: the one behind, or of the last name the one in front.
  const [start, end] =
    next === undefined ? [previous?.end ?? item.start, item.end] : [item.start, next.start];
  const edit: Edit = { span: { file: module.file, start, end }, text: "" };
  return { title: "remove it", edits: [edit], safe: true };
}
