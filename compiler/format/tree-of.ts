import type { ParseResult } from "../syntax/parse-result.ts";

/** The tree without its positions: what has to stay when a file is laid out anew. */
export function treeOf({ tree }: ParseResult): unknown {
  return JSON.parse(
    JSON.stringify(tree, (key, value: unknown) =>
      ["start", "end", "labelAt", "operatorAt"].includes(key) ? undefined : value,
    ),
  );
}
