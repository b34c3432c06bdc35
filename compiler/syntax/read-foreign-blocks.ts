import { closingOf, partnerOf } from "./brackets.ts";
import type { DiagnosticSink } from "./diagnostic-list.ts";
import {
  Colon,
  Equals,
  FatArrow,
  Gap,
  Hole,
  Identifier,
  LBrace,
  RBrace,
  Repeat,
  Token,
} from "./tokens.ts";

interface Source {
  readonly file: string;
  readonly text: string;
}

/**
 * Rewrites `while condition { … }` and `switch value { … }`, which the grammar would read as calls with odd settings. The steps
 * of a `while` are read as those of a `repeat`; the cases of a `switch` are left out.
 */
export function readForeignBlocks(
  source: Source,
  tokens: Token[],
  diagnostics: DiagnosticSink,
): Token[] {
  if (!tokens.some((token) => isForeign(token))) return tokens;
  const meant: Token[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]!;
    const opening = isForeign(token) ? blockBehind(source.text, tokens, at) : null;
    if (opening === null || isDeclared(source.text, token.image)) {
      meant.push(token);
      continue;
    }
    const condition = source.text.slice(token.end, tokens[opening]!.start).trim();
    report(source.file, token, condition, diagnostics);
    const isValue = [Colon, Equals, FatArrow].some((kind) => meant.at(-1)?.tokenType === kind);
    if (token.image === "while") {
      meant.push(inStead(token, Repeat, "repeat"));
      at = opening - 1;
    } else {
      meant.push(inStead(token, isValue ? Hole : Gap, ""));
      at = Math.min(partnerOf(tokens, opening), tokens.length - 1);
    }
  }
  return meant;
}

function isForeign({ tokenType, image }: Token): boolean {
  return tokenType === Identifier && (image === "while" || image === "switch");
}

/** Where the block starts that belongs to the word; null if the word is a name here. */
function blockBehind(text: string, tokens: readonly Token[], at: number): number | null {
  const [word, next] = tokens.slice(at, at + 2);
  if (word === undefined || next === undefined) return null;
  if (next.tokenType === Colon || next.tokenType === Equals || next.tokenType === LBrace)
    return null;
  for (let index = at + 1; index < tokens.length; index += 1) {
    const token = tokens[index]!;
    if (token.tokenType === LBrace) return index;
    if (token.tokenType === RBrace || text.slice(word.end, token.start).includes("\n")) return null;
    if (closingOf(token) !== undefined) index = partnerOf(tokens, index);
  }
  return null;
}

/** Nobody calls an agent `while`; but who does may. */
function isDeclared(text: string, word: string): boolean {
  return new RegExp(`\\b(agent|tool|flow|role|as|import\\b[^}]*)\\s+${word}\\b`, "u").test(text);
}

function inStead({ start, end, doc }: Token, kind: typeof Repeat, image: string): Token {
  const token = new Token(kind, start, end, image);
  token.doc = doc;
  return token;
}

function report(
  file: string,
  { image, start, end }: Token,
  condition: string,
  diagnostics: DiagnosticSink,
): void {
  const inner = condition.replace(/^\((.*)\)$/su, "$1");
  const isShort = inner.length <= 40 && !inner.includes("\n");
  const isWhile = image === "while";
  diagnostics.push({
    code: "AF1002",
    severity: "error",
    message: isWhile
      ? "there is no `while`: rounds are repeated with `repeat`"
      : "there is no `switch`: a choice among values is written with `match`",
    span: { file, start, end },
    help: isWhile
      ? `write \`repeat { maxRounds: 10, until: !(${isShort ? inner : "…"}), … }\`; \`until\` is tested after each round, and sees the steps inside`
      : `write \`match ${isShort ? inner : "value"} { "a" => …, else => … }\``,
  });
}
