import type { ParseResult } from "../syntax/parse-result.ts";
import type { Block, Declaration, StringLiteral } from "../syntax/tree.ts";

const cache = new WeakMap<ParseResult, string>();

/**
 * All of a file's text that can matter to the rules in other files: its tokens, without layout, comments and docs, and
 * without the words of prompts, which only models read. Two files without syntax errors and with equal outlines have the
 * same tree, but for places, docs and those words.
 */
export function outlineOf(parse: ParseResult): string {
  let outline = cache.get(parse);
  if (outline === undefined) cache.set(parse, (outline = writeOutline(parse)));
  return outline;
}

function writeOutline({ text, tokens, tree }: ParseResult): string {
  const prompts = new Map<number, StringLiteral>();
  for (const declaration of tree.declarations) collectPrompts(declaration, prompts);
  const parts: string[] = [];
  for (const { start, end } of tokens) {
    const prompt = prompts.get(start);
    if (prompt === undefined) parts.push(text.slice(start, end));
    else {
      parts.push('"');
      for (const part of prompt.parts)
        if (part.kind === "interpolation") parts.push(text.slice(part.start, part.end));
    }
  }
  return parts.join("\n");
}

/** Only own settings whose text stands right there; whatever is more involved is compared word by word. */
function collectPrompts(declaration: Declaration, prompts: Map<number, StringLiteral>): void {
  const block: Block | null =
    declaration.kind === "agent" || declaration.kind === "role" ? declaration.block : null;
  for (const entry of block?.entries ?? []) {
    if (entry.kind !== "setting" || (entry.key.text !== "prompt" && entry.key.text !== "system"))
      continue;
    const { value } = entry;
    if (value.kind === "invoke" && value.expression.kind === "string")
      prompts.set(value.expression.start, value.expression);
  }
}
