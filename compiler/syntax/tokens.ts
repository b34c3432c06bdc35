import { createToken, EOF, Lexer } from "chevrotain";
import type { IToken, TokenType } from "chevrotain";

import type { Doc } from "./tree.ts";

/**
 * The token table. The scanner produces these kinds, the grammar consumes them, and editor grammars are
 * generated from `tokenTable`.
 */

/** A kind of token; its number is what the parser compares. */
export interface TokenKind extends TokenType {
  readonly tokenTypeIdx: number;
}

/** What a token is to a reader; the scopes of editor grammars follow from it. */
export type TokenCategory =
  | "name"
  | "keyword"
  | "reserved word"
  | "number"
  | "text"
  | "constant"
  | "operator"
  | "punctuation"
  | "unknown";

export interface TokenEntry {
  readonly kind: TokenKind;
  readonly category: TokenCategory;
  /** How it is written, for those that are written in one way only. */
  readonly spelling: string | null;
}

/** One token of a text. Offsets are UTF-16 code units, `end` exclusive. */
export class Token implements IToken {
  readonly tokenTypeIdx: number;
  readonly tokenType: TokenKind;
  readonly start: number;
  readonly end: number;
  /** The word itself for names and keywords, else empty. */
  readonly image: string;
  /** The doc comment right above, if there is one. */
  doc: Doc | null;
  /** True for a `"` or `"""` text that holds at least one `${`. */
  hasInterpolation: boolean;

  constructor(kind: TokenKind, start: number, end: number, image: string) {
    this.tokenTypeIdx = kind.tokenTypeIdx;
    this.tokenType = kind;
    this.start = start;
    this.end = end;
    this.image = image;
    this.doc = null;
    this.hasInterpolation = false;
  }

  get type(): string {
    return this.tokenType.name;
  }

  get startOffset(): number {
    return this.start;
  }
}

const entries: TokenEntry[] = [];

function category(name: string): TokenKind {
  return createToken({ name, pattern: Lexer.NA }) as TokenKind;
}

interface Definition {
  readonly name: string;
  readonly category: TokenCategory;
  readonly spelling?: string;
  readonly groups?: readonly TokenKind[];
}

function define(definition: Definition): TokenKind {
  const kind = createToken({
    name: definition.name,
    pattern: Lexer.NA,
    categories: [...(definition.groups ?? [])],
  }) as TokenKind;
  entries.push({
    kind,
    category: definition.category,
    spelling: definition.spelling ?? null,
  });
  return kind;
}

/** Every word, keyword or not: what may be a setting key, a field name, or stand behind a `.`. */
export const AnyName = category("AnyName");
export const BinaryOperator = category("BinaryOperator");
export const PrefixOperator = category("PrefixOperator");
/** Every literal but text. */
export const PlainLiteral = category("PlainLiteral");
/** A number, with or without a unit. */
export const AnyNumber = category("AnyNumber");
export const TypeLabel = category("TypeLabel");

export const Identifier = define({ name: "Identifier", category: "name", groups: [AnyName] });

function keyword(spelling: string, ...groups: TokenKind[]): TokenKind {
  const name = spelling[0]!.toUpperCase() + spelling.slice(1);
  return define({ name, category: "keyword", spelling, groups: [AnyName, ...groups] });
}

function constant(spelling: string): TokenKind {
  const name = spelling[0]!.toUpperCase() + spelling.slice(1);
  return define({ name, category: "constant", spelling, groups: [AnyName, PlainLiteral] });
}

function reserved(spelling: string): TokenKind {
  const name = spelling[0]!.toUpperCase() + spelling.slice(1);
  return define({ name, category: "reserved word", spelling, groups: [AnyName] });
}

export const Import = keyword("import");
export const From = keyword("from");
export const As = keyword("as");
export const Config = keyword("config");
export const Let = keyword("let");
export const Type = keyword("type");
export const Role = keyword("role");
export const Model = keyword("model");
export const Agent = keyword("agent");
export const Tool = keyword("tool");
export const Flow = keyword("flow");
export const Test = keyword("test");
export const On = keyword("on");
export const State = keyword("state");
export const Step = keyword("step");
export const Expect = keyword("expect");
export const If = keyword("if");
export const Else = keyword("else");
export const Match = keyword("match");
export const For = keyword("for");
export const In = keyword("in");
export const Repeat = keyword("repeat");
export const Race = keyword("race");
keyword("trusted", TypeLabel);
keyword("untrusted", TypeLabel);
keyword("private", TypeLabel);
export const True = constant("true");
export const False = constant("false");
export const Null = constant("null");

export const Await = reserved("await");
export const Async = reserved("async");
export const Return = reserved("return");
export const Const = reserved("const");
export const Var = reserved("var");
export const Enum = reserved("enum");
export const Interface = reserved("interface");
export const Export = reserved("export");
export const Undefined = reserved("undefined");

function number(name: string): TokenKind {
  return define({ name, category: "number", groups: [PlainLiteral, AnyNumber] });
}

export const Int = number("Int");
export const Float = number("Float");
export const Duration = number("Duration");
export const Money = number("Money");
export const Percent = number("Percent");
export const Rate = number("Rate");
export const Size = number("Size");

/** `"…"` and `"""…"""`, and the quotes of other languages that are read as if they were these. */
export const Text = define({ name: "Text", category: "text" });

function punctuation(name: string, spelling: string): TokenKind {
  return define({ name, category: "punctuation", spelling });
}

function operator(name: string, spelling: string, ...groups: TokenKind[]): TokenKind {
  return define({ name, category: "operator", spelling, groups });
}

export const LBrace = punctuation("LBrace", "{");
export const RBrace = punctuation("RBrace", "}");
export const LParen = punctuation("LParen", "(");
export const RParen = punctuation("RParen", ")");
export const LBracket = punctuation("LBracket", "[");
export const RBracket = punctuation("RBracket", "]");
export const Comma = punctuation("Comma", ",");
export const Colon = punctuation("Colon", ":");
export const Semicolon = punctuation("Semicolon", ";");
export const Dot = punctuation("Dot", ".");
export const QuestionDot = punctuation("QuestionDot", "?.");
export const Ellipsis = punctuation("Ellipsis", "...");
export const Arrow = punctuation("Arrow", "->");
export const FatArrow = punctuation("FatArrow", "=>");
export const Equals = operator("Equals", "=");
export const Question = operator("Question", "?");
export const Bar = operator("Bar", "|");
export const Not = operator("Not", "!", PrefixOperator);
export const Minus = operator("Minus", "-", PrefixOperator, BinaryOperator);
export const Plus = operator("Plus", "+", BinaryOperator);
export const Star = operator("Star", "*", BinaryOperator);
export const Slash = operator("Slash", "/", BinaryOperator);
export const Range = operator("Range", "..", BinaryOperator);
export const Less = operator("Less", "<", BinaryOperator);
export const Greater = operator("Greater", ">", BinaryOperator);
export const LessEquals = operator("LessEquals", "<=", BinaryOperator);
export const GreaterEquals = operator("GreaterEquals", ">=", BinaryOperator);
export const EqualsEquals = operator("EqualsEquals", "==", BinaryOperator);
export const NotEquals = operator("NotEquals", "!=", BinaryOperator);
export const And = operator("And", "&&", BinaryOperator);
export const Or = operator("Or", "||", BinaryOperator);
export const Coalesce = operator("Coalesce", "??", BinaryOperator);

/** Characters that mean nothing here. */
export const Unknown = define({ name: "Unknown", category: "unknown" });

/** Stands for an entry that could not be read; never in a text. */
export const Gap = define({ name: "Gap", category: "unknown" });
/** Stands for a value that could not be read; never in a text. */
export const Hole = define({ name: "Hole", category: "unknown" });

export const tokenTable: readonly TokenEntry[] = entries;

/** What the parser must know of: the kinds and their groups. */
export const vocabulary: TokenType[] = [
  AnyName,
  BinaryOperator,
  PrefixOperator,
  PlainLiteral,
  AnyNumber,
  TypeLabel,
  ...entries.map(({ kind }) => kind),
];

/** From the word to its kind; a word that is missing here is a name. */
export const wordKinds: ReadonlyMap<string, TokenKind> = new Map(
  entries.flatMap(({ kind, category: group, spelling }) =>
    spelling !== null && (group === "keyword" || group === "constant" || group === "reserved word")
      ? [[spelling, kind] as const]
      : [],
  ),
);

const names: string[] = [];
for (const { kind } of entries) names[kind.tokenTypeIdx] = kind.name;

/** By the number of a kind; empty if there is none of that number. */
export function nameOfKind(number: number): string {
  return names[number] ?? "";
}

const spellings = new Map(entries.map(({ kind, spelling }) => [kind.tokenTypeIdx, spelling]));
const categories = new Map(entries.map((entry) => [entry.kind.tokenTypeIdx, entry.category]));

/** How a kind of token is written, or null where that differs from token to token. */
export function spellingOf(kind: TokenKind): string | null {
  return spellings.get(kind.tokenTypeIdx) ?? null;
}

export function categoryOf(kind: { tokenTypeIdx: number }): TokenCategory {
  return categories.get(kind.tokenTypeIdx) ?? "unknown";
}

/** By the number of a kind: is it one of these, or of the groups among them? */
export function kindTable(...kinds: readonly TokenKind[]): readonly boolean[] {
  const table: boolean[] = [];
  for (const kind of kinds) {
    for (const number of [kind.tokenTypeIdx, ...(kind.categoryMatches ?? [])]) table[number] = true;
  }
  return table;
}

export function isEndOfInput(token: IToken): boolean {
  return token.tokenTypeIdx === EOF.tokenTypeIdx;
}
