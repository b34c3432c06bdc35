import { categoryOf, isEndOfInput, spellingOf, Text } from "./tokens.ts";
import type { Token, TokenKind } from "./tokens.ts";

const mostCharacters = 30;

/** A token as it is quoted in a message, in backticks. */
export function printToken(text: string, token: Token | undefined): string {
  if (token === undefined || isEndOfInput(token)) return "the end of the file";
  const written = text.slice(token.start, token.end);
  if (token.tokenType === Text && (written.length > mostCharacters || /[\r\n`]/.test(written))) {
    const first = written.split(/[\r\n]/)[0] ?? "";
    const start = /[`]/.test(first) || first.length < 4 ? "" : first.slice(0, mostCharacters - 6);
    return start === "" ? "this text" : `the text \`${start}…\``;
  }
  if (written.length > mostCharacters) return `\`${written.slice(0, mostCharacters - 1)}…\``;
  return written === "" ? "`" + (spellingOf(token.tokenType) ?? "") + "`" : `\`${written}\``;
}

/** A kind of token as it is named in a message. */
export function printKind(kind: TokenKind): string {
  const spelling = spellingOf(kind);
  if (spelling !== null) return `\`${spelling}\``;
  if (kind === Text) return 'a text in `"` quotes';
  switch (kind.name) {
    case "Identifier":
    case "AnyName":
      return "a name";
    case "AnyNumber":
      return "a number";
    case "Hole":
      return "a value";
    default:
      return categoryOf(kind) === "number" ? "a number" : "a value";
  }
}
