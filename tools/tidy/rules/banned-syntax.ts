import type { Rule } from "../rule.ts";
import { lineOf, walk } from "../source-file.ts";
import type { SyntaxNode } from "../source-file.ts";

/** TypeScript that is not erasable, hides types, or lets an importer choose the name. */
export const bannedSyntax: Rule = ({ sources }) =>
  sources.flatMap(({ path, text, program, comments }) => {
    const found: { start: number; message: string }[] = [];
    walk(program, (node) => {
      const message = faultOf(node, path);
      if (message !== undefined) found.push({ start: node.start, message });
    });
    for (const { value, start } of comments) {
      if (!/^[\s*/]*@ts-(ignore|nocheck|expect-error)/.test(value)) continue;
      found.push({ start, message: "mend the type instead of silencing the checker" });
    }
    return found.map(({ start, message }) => ({ file: path, line: lineOf(text, start), message }));
  });

function faultOf(node: SyntaxNode, path: string): string | undefined {
  switch (node.type) {
    case "TSEnumDeclaration":
      return "use a union of string literals instead of an enum";
    case "TSModuleDeclaration":
      return "use a module instead of a namespace";
    case "TSAnyKeyword":
      return "use unknown, or the type, instead of any";
    case "ExportDefaultDeclaration":
      // Tools look for the default export of their configuration.
      return path.endsWith(".config.ts") ? undefined : "export it by name";
    case "TSParameterProperty":
      return "declare the field and assign it";
    default:
      return undefined;
  }
}
