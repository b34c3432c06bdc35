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
 * Rewrites `while condition { … }`, `switch value { … }` and `try { … }`, which the grammar would read as calls with odd
 * settings. The steps of a `while` are read as those of a `repeat`; the others are left out.
 */
export function readForeignBlocks(
  source: Source,
  tokens: Token[],
  diagnostics: DiagnosticSink,
): Token[] {
  if (!foreignWords.some((word) => source.text.includes(word))) return tokens;
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
      at = endOf(tokens, opening);
    }
  }
  return meant;
}

function isForeign({ tokenType, image }: Token): boolean {
  return tokenType === Identifier && foreign.has(image);
}

/** The last token of the block, and of a `catch` and `finally` behind it. */
function endOf(tokens: readonly Token[], opening: number): number {
  const end = Math.min(partnerOf(tokens, opening), tokens.length - 1);
  const next = tokens[end + 1];
  if (next?.image !== "catch" && next?.image !== "finally") return end;
  const block = tokens.findIndex(({ tokenType }, at) => at > end && tokenType === LBrace);
  return block < 0 ? end : endOf(tokens, block);
}

/** Where the block starts that belongs to the word; null if the word is a name here. */
function blockBehind(text: string, tokens: readonly Token[], at: number): number | null {
  const [word, next] = tokens.slice(at, at + 2);
  if (word === undefined || next === undefined) return null;
  if (next.tokenType === LBrace) return word.image === "try" ? at + 1 : null;
  if (word.image === "try" || next.tokenType === Colon || next.tokenType === Equals) return null;
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
  const word = words[image];
  diagnostics.push({
    code: "AF1002",
    severity: "error",
    message: `there is no \`${image}\`: ${word?.message ?? ""}`,
    span: { file, start, end },
    help: word?.help(isShort ? inner : null) ?? "",
  });
}

interface ForeignWord {
  readonly message: string;
  /** What to write; `inner` is what stands between the word and its block. */
  readonly help: (inner: string | null) => string;
}

const words: Readonly<Record<string, ForeignWord>> = {
  while: {
    message: "rounds are repeated with `repeat`",
    help: (inner) =>
      `write \`repeat { maxRounds: 10, until: !(${inner ?? "…"}), … }\`; \`until\` is tested after each round, and sees the steps inside`,
  },
  switch: {
    message: "a choice among values is written with `match`",
    help: (inner) => `write \`match ${inner ?? "value"} { "a" => …, else => … }\``,
  },
  try: {
    message: "what happens on failure is said where the call is",
    help: () => "write `step name = call(…) { attempts: 3, fallback: other(…) }`",
  },
};

const foreignWords = Object.keys(words);
const foreign: ReadonlySet<string> = new Set(foreignWords);
