import { ambientHomes, aroundTheProduct } from "../architecture.ts";
import type { Rule } from "../rule.ts";
import { isNode, lineOf, nameOf, walk } from "../source-file.ts";
import type { SyntaxNode } from "../source-file.ts";

/** Clock, randomness, console and environment are touched in their adapters alone. */
export const ambient: Rule = ({ sources }) =>
  sources
    .filter(({ path }) => !aroundTheProduct.test(path))
    .flatMap(({ path, text, program }) => {
      const found: { start: number; what: string }[] = [];
      walk(program, (node, parent) => {
        const what = ambientOf(node, parent);
        const home = what === undefined ? undefined : ambientHomes[what];
        if (what === undefined || home === undefined || home.test(path)) return;
        found.push({ start: node.start, what });
      });
      return found.map(({ start, what }) => ({
        file: path,
        line: lineOf(text, start),
        message: `${what} is touched in its adapter alone; take it as a parameter`,
      }));
    });

function ambientOf(node: SyntaxNode, parent: SyntaxNode | undefined): string | undefined {
  if (node.type === "MemberExpression") {
    const object = nameOf(node["object"]);
    // A property named `console` of something else is no console.
    if (object === "console") return "console";
    return `${object ?? memberName(node["object"])}.${nameOf(node["property"]) ?? ""}`;
  }
  if (node.type === "NewExpression" && nameOf(node["callee"]) === "Date") {
    const given = node["arguments"];
    return Array.isArray(given) && given.length === 0 ? "new Date" : undefined;
  }
  if (node.type === "VariableDeclarator" && nameOf(node["init"]) === "console") return "console";
  if (node.type === "ImportSpecifier" && isNode(parent)) {
    return importedAmbient(parent, nameOf(node["imported"]));
  }
  return undefined;
}

/** `globalThis.Date` is `Date`. */
function memberName(object: unknown): string {
  if (!isNode(object) || object.type !== "MemberExpression") return "";
  return nameOf(object["object"]) === "globalThis" ? (nameOf(object["property"]) ?? "") : "";
}

function importedAmbient(
  declaration: SyntaxNode,
  imported: string | undefined,
): string | undefined {
  const source = declaration["source"];
  if (!isNode(source) || imported === undefined) return undefined;
  if (source["value"] === "node:process" && imported === "env") return "process.env";
  if (source["value"] === "node:crypto" && imported === "randomUUID") return "crypto.randomUUID";
  return undefined;
}
