import type { Rule, Violation } from "../rule.ts";
import { isNode, lineOf, nameOf, walk } from "../source-file.ts";
import type { SourceFile, SyntaxNode } from "../source-file.ts";

const maximumFileLines = 500;
const maximumFunctionLines = 70;

/** Files and functions stay short enough to be read in one go. */
export const lengths: Rule = ({ sources }) =>
  sources.flatMap((source) => [...fileLength(source), ...functionLengths(source)]);

function fileLength({ path, text }: SourceFile): Violation[] {
  const lines = text.trimEnd().split("\n").length;
  if (lines <= maximumFileLines) return [];
  const message = `${lines} lines; at most ${maximumFileLines}, so find the two things it does`;
  return [{ file: path, line: maximumFileLines + 1, message }];
}

function functionLengths({ path, text, program }: SourceFile): Violation[] {
  const violations: Violation[] = [];
  walk(program, (node, parent) => {
    if (!/^(Function|Arrow)/.test(node.type) || isSuite(node, parent, path)) return;
    const line = lineOf(text, node.start);
    const lines = lineOf(text, node.end) - line + 1;
    if (lines <= maximumFunctionLines) return;
    const name = nameOf(node["id"]) ?? nameOf(parent?.["id"] ?? parent?.["key"]) ?? "a function";
    const message = `${name} has ${lines} lines; at most ${maximumFunctionLines}`;
    violations.push({ file: path, line, message });
  });
  return violations;
}

/** `describe`, and a suite that several adapters run, group tests; nobody follows them as a function. */
function isSuite(node: SyntaxNode, parent: SyntaxNode | undefined, path: string): boolean {
  if (path.endsWith("-conformance.ts")) return node.type === "FunctionDeclaration";
  if (parent?.type !== "CallExpression") return false;
  const callee = parent["callee"];
  return (
    nameOf(callee) === "describe" || (isNode(callee) && nameOf(callee["object"]) === "describe")
  );
}
