import type { Edit, Fix } from "../diagnostics/diagnostic.ts";
import { namesInBlock, namesInExpression } from "../flow/names-in.ts";
import { neighboursOf } from "../flow/neighbours.ts";
import type { CheckedModule } from "../types/checked.ts";
import type {
  AgentDeclaration,
  Block,
  Declaration,
  FlowDeclaration,
  Import,
  Name,
  Node,
  Signature,
  ToolDeclaration,
} from "../syntax/tree.ts";
import { namesInType, namesOfTypes } from "./names-of-types.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** AF9001, a warning: an import, `let` or parameter that nothing uses; often its name was misspelt somewhere else. */
export const unusedName: Rule = (context) => {
  const { imports, declarations } = context.module.parse.tree;
  const unused = unusedInFile(context);
  for (const declaration of imports) checkImport(declaration, unused, context);
  for (const declaration of declarations) {
    if (context.isFaulty(declaration)) continue;
    if (declaration.kind === "let" && unused.has(declaration.name.text))
      warnOf("`let`", declaration.name, removal(declaration, context.module), context);
    if (declaration.kind === "flow" || declaration.kind === "test")
      checkLets(declaration.block, context);
    if (declaration.kind === "flow" || declaration.kind === "agent" || declaration.kind === "tool")
      checkParams(declaration, context);
  }
};

/**
 * What the file imports, and the lets that nobody else can use, as far as it is not mentioned. Names are told apart by
 * their text: nothing may shadow anything, so within a file one text means one thing.
 */
function unusedInFile(context: RuleContext): ReadonlySet<string> {
  const { imports, declarations } = context.module.parse.tree;
  const open = new Set<string>();
  for (const { names } of imports)
    for (const item of names) open.add((item.alias ?? item.name).text);
  if (isEntry(context))
    for (const declaration of declarations)
      if (declaration.kind === "let") open.add(declaration.name.text);
  const visit = (text: string): void => {
    open.delete(text);
  };
  // Flows mention most of it, and they have been read for other rules.
  const flows = declarations.filter(({ kind }) => kind === "flow");
  const others = declarations.filter(({ kind }) => kind !== "flow");
  for (const declaration of [...flows, ...others]) {
    if (open.size === 0) break;
    mentionedIn(declaration, visit, context);
  }
  return open;
}

function mentionedIn(
  declaration: Declaration,
  visit: (text: string) => void,
  { summaryOf }: RuleContext,
): void {
  const visitName = ({ text }: Name): void => visit(text);
  namesOfTypes(declaration, visitName);
  namesOfDeclaration(declaration, visitName);
  if (declaration.kind === "let" || declaration.kind === "type" || declaration.block === null)
    return;
  const { mentioned, annotations } = summaryOf(declaration.block);
  for (const text of mentioned) visit(text);
  for (const type of annotations) namesInType(type, visitName);
}

/** Defaults and values that stand outside a block. */
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

function checkImport(declaration: Import, open: ReadonlySet<string>, context: RuleContext): void {
  const { module } = context;
  const unused = declaration.names.filter((item) => {
    const name = (item.alias ?? item.name).text;
    // An import that failed was reported; its name means nothing here.
    return name !== "" && module.names.has(name) && open.has(name) && !mentionsKey(module, name);
  });
  // An import of nothing but fillers would be empty without them; taking a file in is a use of it.
  for (const item of unused) {
    const only = unused.length === declaration.names.length;
    const fix = only ? removal(declaration, module) : removeFromList(item, declaration, module);
    warnOf("import", item.alias ?? item.name, fix, context);
  }
}

function checkLets(block: Block, context: RuleContext): void {
  const { mentioned, lets } = context.summaryOf(block);
  if (lets.length === 0) return;
  const used = mentioned.has("include") ? withIncluded(block, context.module) : mentioned;
  for (const declaration of lets)
    if (declaration.name.text !== "" && !used.has(declaration.name.text))
      warnOf("`let`", declaration.name, removal(declaration, context.module), context);
}

/** An included text may use lets, too; it stands in another file. */
function withIncluded(block: Block, module: CheckedModule): ReadonlySet<string> {
  const used = new Set<string>();
  namesInBlock(block, (name) => used.add(name.text), module);
  return used;
}

/** Parameters that a role dictates, and those a tool sends by itself, are used. */
function checkParams(
  declaration: FlowDeclaration | AgentDeclaration | ToolDeclaration,
  context: RuleContext,
): void {
  if (declaration.head.kind !== "signature") return;
  const { params } = declaration.head satisfies Signature;
  if (params.length === 0) return;
  if (declaration.kind === "tool" && !sendsOnlyWhatItNames(declaration.block)) return;
  const used = context.summaryOf(declaration.block).mentioned;
  // An included text may use parameters, too; it stands in another file.
  if (used.has("include")) return;
  const byName =
    declaration.kind === "agent" &&
    declaration.block.entries.some((entry) => entry.kind === "spread");
  for (const param of params) {
    if (param.name.text === "" || used.has(param.name.text) || byName) continue;
    if (param.default !== null && declaration.kind === "flow" && used.size === 0) continue;
    warnOf("parameter", param.name, null, context, insertHelp(declaration, param.name, context));
  }
}

/** `{name}` in a text is only these characters. */
function insertHelp(
  { block }: { readonly block: Block },
  { text }: Name,
  { module }: RuleContext,
): string | undefined {
  const body = module.parse.text.slice(block.start, block.end);
  const isWritten = new RegExp(`(?<!\\$)\\{\\s*${text}\\s*\\}|\\$${text}\\b`, "u").test(body);
  return isWritten ? `a value is inserted into a text with \`\${${text}}\`` : undefined;
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
  return program.entries.includes(module.file) && !neighboursOf(program).imported.has(module.file);
}

function warnOf(
  what: string,
  at: Name,
  fix: Fix | null,
  { warn }: RuleContext,
  better?: string,
): void {
  warn({
    code: "AF9001",
    at,
    message: `nothing uses the ${what} \`${at.text}\``,
    help:
      better ??
      (fix === null ? "use it, or remove it here and where it is passed" : "use it, or remove it"),
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
