import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Doc } from "./tree.ts";

/** Warns of doc comments that no node has taken. */
export function strayDocs(
  file: string,
  docs: readonly Doc[],
  taken: ReadonlySet<Doc>,
): Diagnostic[] {
  return docs.filter((doc) => !taken.has(doc)).map((doc) => stray(file, doc));
}

function stray(file: string, { start, end, text }: Doc): Diagnostic {
  const lines = text.split("\n").length;
  return {
    code: "AF1005",
    severity: "warning",
    message: "this doc comment documents nothing",
    span: { file, start, end },
    help: "`///` stands on the lines right above a declaration, a field, a member of a union, a parameter, a setting or a step; other comments start with `//`",
    ...(lines === 1 && {
      fixes: [
        {
          title: "turn it into a `//` comment",
          edits: [{ span: { file, start, end: start + 3 }, text: "//" }],
          safe: true,
        },
      ],
    }),
  };
}
