import type { Scanner } from "./scanner.ts";
import {
  And,
  Arrow,
  Bar,
  Coalesce,
  Colon,
  Comma,
  Dot,
  Ellipsis,
  Equals,
  EqualsEquals,
  FatArrow,
  Greater,
  GreaterEquals,
  LBrace,
  LBracket,
  Less,
  LessEquals,
  LParen,
  Minus,
  Not,
  NotEquals,
  Or,
  Plus,
  Question,
  QuestionDot,
  Range,
  RBrace,
  RBracket,
  RParen,
  Semicolon,
  Slash,
  Star,
  Token,
} from "./tokens.ts";
import type { TokenKind } from "./tokens.ts";

const single: readonly (TokenKind | undefined)[] = bySign([
  ["{", LBrace],
  ["}", RBrace],
  ["(", LParen],
  [")", RParen],
  ["[", LBracket],
  ["]", RBracket],
  [",", Comma],
  [":", Colon],
  [";", Semicolon],
  [".", Dot],
  ["=", Equals],
  ["?", Question],
  ["|", Bar],
  ["!", Not],
  ["-", Minus],
  ["+", Plus],
  ["*", Star],
  ["/", Slash],
  ["<", Less],
  [">", Greater],
]);

/** Longer spellings by their first character, the longest first. */
const longer: readonly (readonly (readonly [string, TokenKind])[] | undefined)[] = bySign([
  [
    ".",
    [
      ["...", Ellipsis],
      ["..", Range],
    ],
  ],
  [
    "=",
    [
      ["===", EqualsEquals],
      ["==", EqualsEquals],
      ["=>", FatArrow],
    ],
  ],
  [
    "!",
    [
      ["!==", NotEquals],
      ["!=", NotEquals],
    ],
  ],
  [
    "?",
    [
      ["??", Coalesce],
      ["?.", QuestionDot],
    ],
  ],
  ["-", [["->", Arrow]]],
  ["<", [["<=", LessEquals]]],
  [">", [[">=", GreaterEquals]]],
  ["&", [["&&", And]]],
  ["|", [["||", Or]]],
]);

/** Reads one operator or bracket; false if none starts here. */
export function scanPunctuation(scanner: Scanner, code: number): boolean {
  const { text, position } = scanner;
  const candidates = longer[code];
  if (candidates !== undefined) {
    for (const [spelling, kind] of candidates) {
      if (!text.startsWith(spelling, position) || position + spelling.length > scanner.end)
        continue;
      scanner.push(new Token(kind, position, position + spelling.length, ""));
      return true;
    }
  }
  const kind = single[code];
  if (kind === undefined) return false;
  scanner.push(new Token(kind, position, position + 1, ""));
  return true;
}

function bySign<T>(pairs: readonly (readonly [string, T])[]): (T | undefined)[] {
  const table = new Array<T | undefined>(128).fill(undefined);
  for (const [sign, value] of pairs) table[sign.charCodeAt(0)] = value;
  return table;
}
