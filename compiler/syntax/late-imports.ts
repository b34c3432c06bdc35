import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Declaration, Import } from "./tree.ts";

/** Reports imports that stand behind a declaration; they are read all the same. */
export function lateImports(file: string, nodes: readonly (Import | Declaration)[]): Diagnostic[] {
  const first = nodes.find((node) => node.kind !== "import");
  if (first === undefined) return [];
  return nodes
    .slice(nodes.indexOf(first))
    .filter((node) => node.kind === "import")
    .map(({ start, end }) => ({
      code: "AF1002",
      severity: "error",
      message: "an `import` stands above all declarations",
      span: { file, start, end },
      related: [
        {
          span: {
            file,
            start: first.start,
            end: Math.min(first.start + first.kind.length, first.end),
          },
          message: "the first declaration is here",
        },
      ],
      help: "move it to the top of the file",
    }));
}
