import type { ParseResult } from "../syntax/parse-result.ts";
import type { Block, Declaration, StringLiteral } from "../syntax/tree.ts";

/**
 * True if two texts of a file without syntax errors can't be told apart by the rules in other files: they have the same
 * tokens, whatever their layout, comments and docs, and but for the words of prompts, which only models read. Their trees
 * are then the same, but for places, docs and those words.
 */
export function sameOutline(left: ParseResult, right: ParseResult): boolean {
  const [leftTokens, rightTokens] = [left.tokens, right.tokens];
  const count = leftTokens.length;
  if (rightTokens.length !== count) return false;
  const [leftPrompts, rightPrompts] = [promptsOf(left), promptsOf(right)];
  for (let index = 0; index < count; index += 1) {
    const one = leftTokens[index];
    const other = rightTokens[index];
    if (one === undefined || other === undefined) return false;
    if (samePart(left.text, one, right.text, other)) continue;
    const prompt = leftPrompts.get(one.start);
    const otherPrompt = rightPrompts.get(other.start);
    if (prompt === undefined || otherPrompt === undefined) return false;
    if (valuesIn(left.text, prompt) !== valuesIn(right.text, otherPrompt)) return false;
  }
  return true;
}

interface Part {
  readonly start: number;
  readonly end: number;
}

/** Compares in place: a file has thousands of tokens, and nearly all are the same. */
function samePart(left: string, one: Part, right: string, other: Part): boolean {
  const length = one.end - one.start;
  if (other.end - other.start !== length) return false;
  for (let offset = 0; offset < length; offset += 1)
    if (left.charCodeAt(one.start + offset) !== right.charCodeAt(other.start + offset))
      return false;
  return true;
}

function valuesIn(text: string, prompt: StringLiteral): string {
  return prompt.parts
    .filter((part) => part.kind === "interpolation")
    .map(({ start, end }) => text.slice(start, end))
    .join("\n");
}

/** By offset. Only own settings whose text stands right there; whatever is more involved is compared word by word. */
function promptsOf({ tree }: ParseResult): ReadonlyMap<number, StringLiteral> {
  const prompts = new Map<number, StringLiteral>();
  for (const declaration of tree.declarations) collectPrompts(declaration, prompts);
  return prompts;
}

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
