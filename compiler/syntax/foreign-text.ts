import { isBlank } from "./characters.ts";
import type { Node } from "./tree.ts";

/** How a text in `'…'` or `` `…` `` is written here. */
export function foreignText(text: string, { start, end }: Node): string {
  const sign = text.charAt(start);
  const content = text.slice(start + 1, end - 1);
  if (sign === "`" && /[\r\n]/.test(content)) return block(text, start, content);
  return `"${escaped(content, sign)}"`;
}

/** Outside `${…}`, where a `"` belongs to the expression, `"` needs a backslash and the old quote needs none. */
function escaped(content: string, sign: string): string {
  return content.replace(/\$\{[^}]*\}|\\[^]|"/g, (part) => {
    if (part === '"') return '\\"';
    if (part === `\\${sign}`) return sign;
    return part;
  });
}

function block(text: string, start: number, content: string): string {
  let lineStart = start;
  while (lineStart > 0 && !"\r\n".includes(text.charAt(lineStart - 1))) lineStart -= 1;
  let indentEnd = lineStart;
  while (isBlank(text.charCodeAt(indentEnd))) indentEnd += 1;
  const indent = text.slice(lineStart, indentEnd);
  const inner = content.replace(/\\`/g, "`").replaceAll('"""', '\\"""');
  const opening = /^[ \t]*[\r\n]/.test(inner) ? "" : "\n";
  const closing = /[\r\n][ \t]*$/.test(inner) ? "" : `\n${indent}`;
  return `"""${opening}${inner}${closing}"""`;
}
