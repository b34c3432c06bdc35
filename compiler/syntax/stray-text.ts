import { indentOf, isBlank, lineEnd, lineStart } from "./characters.ts";
import type { Scanner } from "./scanner.ts";
import { categoryOf, RBrace, RBracket, RParen, Token, Unknown } from "./tokens.ts";

/**
 * Does the `"""` at hand close a text whose opening line was lost? It starts its line, and nothing before it waits for
 * a value. Without this all that follows would change places: text would be read as code and code as text.
 */
export function isStrayClose({ text, tokens, position }: Scanner): boolean {
  if (indentOf(text, position) < 0) return false;
  const previous = tokens.at(-1);
  return previous !== undefined && endsValue(previous);
}

function endsValue({ tokenType }: Token): boolean {
  if (tokenType === RParen || tokenType === RBracket || tokenType === RBrace) return true;
  const category = categoryOf(tokenType);
  if (tokenType.name === "Dot") return true;
  return category !== "operator" && category !== "punctuation" && tokenType.name !== "Return";
}

/** Takes back what was read of the lines above that belong to the text, and reports all as one fault. */
export function dropStrayText(scanner: Scanner): void {
  const { file, text, tokens, comments, docs, diagnostics, position } = scanner;
  const stop = position + 3;
  const last = tokens.at(-1);
  const floor = last?.tokenType === Unknown ? last.end : 0;
  const start = textStart(text, position, floor);
  while ((tokens.at(-1)?.start ?? -1) >= start) tokens.pop();
  while ((comments.at(-1)?.start ?? -1) >= start) comments.pop();
  while ((docs.at(-1)?.start ?? -1) >= start) docs.pop();
  const { items } = diagnostics;
  while ((items.at(-1)?.span.start ?? -1) >= start) items.pop();
  scanner.pendingDoc = null;
  diagnostics.push({
    code: "AF1001",
    severity: "error",
    message: 'this `"""` closes a text that is never opened',
    span: { file, start: position, end: stop },
    related:
      start < position
        ? [
            {
              span: { file, start, end: lineEnd(text, start, position) },
              message: "the text seems to start here",
            },
          ]
        : [],
    help: 'write the key and `"""` on the line above the text, as in `prompt: """`',
  });
  scanner.push(new Token(Unknown, start, stop, ""));
}

/** The first line above that is indented at least as far as the closing quotes, without a break between. */
function textStart(text: string, close: number, floor: number): number {
  const indent = indentOf(text, close);
  let start = close;
  let line = lineStart(text, close);
  while (line > floor) {
    const above = lineStart(text, line - 1);
    if (above < floor) break;
    let first = above;
    while (isBlank(text.charCodeAt(first))) first += 1;
    const isEmpty = first >= line - 1;
    if (!isEmpty && first - above < indent) break;
    if (!isEmpty) start = first;
    line = above;
  }
  return start;
}
