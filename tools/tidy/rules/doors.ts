import type { Rule } from "../rule.ts";
import { lineOf } from "../source-file.ts";
import type { SyntaxNode } from "../source-file.ts";

/** A folder's `index.ts` is its door: it re-exports and does nothing else, and nothing else re-exports. */
export const doors: Rule = ({ sources }) =>
  sources.flatMap(({ path, text, program }) => {
    const statements = Array.isArray(program["body"]) ? (program["body"] as SyntaxNode[]) : [];
    const isDoor = path.endsWith("/index.ts");
    return statements
      .filter((statement) => isDoor !== isReExport(statement))
      .map((statement) => ({
        file: path,
        line: lineOf(text, statement.start),
        message: isDoor
          ? "a door only re-exports; give this code a file of its own"
          : "only an index.ts re-exports; import it where it is made",
      }));
  });

function isReExport(statement: SyntaxNode): boolean {
  if (statement.type === "ExportAllDeclaration") return true;
  return statement.type === "ExportNamedDeclaration" && statement["source"] !== null;
}
