import { closingOf, isBracket, openBefore } from "./brackets.ts";
import { bracketChanges } from "./bracket-changes.ts";
import type { Change } from "./change.ts";
import type { Fault } from "./grammar-base.ts";
import { keywordFor } from "./missing-keyword.ts";
import {
  Arrow,
  As,
  Bar,
  categoryOf,
  Colon,
  Comma,
  Dot,
  Ellipsis,
  Else,
  Equals,
  EqualsEquals,
  Expect,
  FatArrow,
  For,
  From,
  GreaterEquals,
  Greater,
  Hole,
  Identifier,
  If,
  In,
  LBrace,
  LBracket,
  Less,
  Let,
  LParen,
  Match,
  On,
  Question,
  Range,
  RBrace,
  RBracket,
  Repeat,
  RParen,
  spellingOf,
  State,
  Step,
  Text,
} from "./tokens.ts";
import type { Token, TokenKind } from "./tokens.ts";

export interface Trouble {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly fault: Fault;
  /** Are all brackets of the unit paired? Then the fault is no bracket, else it is one. */
  readonly balanced: boolean;
}

const separators = [Comma, Colon, Equals, Dot, FatArrow, Arrow, Bar, Range, Ellipsis, EqualsEquals, Question];
const brackets = [RParen, RBracket, RBrace, LParen, LBracket, LBrace, Less, Greater];
const words = [In, From, Else, As, If, For, Match, Repeat, On, Step, Let, State, Expect];

/**
 * Changes that may mend a fault, the likeliest first. Each is tried by parsing; so this may well hold nonsense, but
 * what stands first wins when several would do.
 */
export function* candidateChanges(trouble: Trouble): Generator<Change> {
  const { fault, tokens, balanced } = trouble;
  const { index, expected } = fault;
  const actual = tokens[index];
  yield* misread(trouble);
  if (!balanced) yield* bracketChanges(trouble.text, tokens);
  if (expected !== null && (balanced || isBracket(expected))) yield* insertExpected(index, expected);
  if (actual !== undefined && isWord(actual)) {
    yield* [insert(index + 1, Colon), insert(index + 1, Equals)];
    if (repeats(tokens, index)) yield { kind: "remove", at: index };
    yield { kind: "rename", at: index };
  }
  if (repeats(tokens, index)) yield { kind: "remove", at: index };
  if (fault.kind === "no-alternative") yield insert(index, Hole);
  if (actual?.tokenType === Colon || actual?.tokenType === Equals) yield insert(index - 1, Hole);
  yield* heads(trouble);
  for (const at of [index, index - 1]) {
    for (const what of balanced ? separators : brackets) yield insert(at, what);
  }
  if (fault.kind === "separator" && fault.expected === Colon) yield { kind: "join", at: index };
  for (const at of [index, index - 1, index + 1, index - 2]) yield { kind: "remove", at };
  for (const what of words) yield insert(index, what);
  for (const what of words) yield insert(index - 1, what);
  yield* [insert(index, Hole), insert(index, Identifier), insert(index - 1, Hole), insert(index - 1, Identifier)];
  yield* replacements(trouble);
  for (const what of balanced ? separators : brackets) yield insert(index - 2, what);
  for (const what of balanced ? brackets : separators) yield insert(index, what);
}

function* insertExpected(at: number, what: TokenKind): Generator<Change> {
  yield what === Text || categoryOf(what) === "unknown" ? insert(at, Hole) : insert(at, what);
}

/** What only looks wrong to the grammar, or is a habit that it cannot tell from a fault. */
function* misread({ tokens, fault }: Trouble): Generator<Change> {
  const { index, rules, expected } = fault;
  const actual = tokens[index];
  if (expected === Greater && actual?.tokenType === GreaterEquals) {
    yield { kind: "split", at: index, what: [Greater, Equals] };
  }
  const statement = rules.findLast((rule) => rule === "step" || rule === "letDeclaration");
  if (statement === undefined) return;
  for (let at = index - 1; at > 1; at -= 1) {
    const keyword = tokens[at - 2]?.tokenType;
    if (tokens[at]?.tokenType !== Colon || (keyword !== Step && keyword !== Let)) continue;
    yield { kind: "habit", at, what: Equals };
    return;
  }
}

/** Words that are missing at the start of the entry, of the action, or before a bracket that is open. */
function* heads({ tokens, fault }: Trouble): Generator<Change> {
  const { index } = fault;
  const open = openBefore(tokens, index);
  for (const at of [index, ...open.reverse().slice(0, 3)]) {
    const before = tokens[at - 1]?.tokenType;
    if (tokens[at]?.tokenType !== LBrace) continue;
    if (before === Arrow) yield insert(at, Hole);
    if (before === Equals || before === Colon || before === FatArrow) yield insert(at, Repeat);
    if (before === RBrace) yield insert(at, Else);
    const head = actionHead(tokens, at);
    if (head < at) yield* [insert(head, If), insert(head, For), insert(head, Match)];
  }
  const start = entryStart(tokens, index);
  if (start < index) yield* [insert(start, State), insert(start, Let), insert(start, Step)];
  if (index === 0 || start === 0) {
    const what = keywordFor(tokens);
    if (what !== null) yield insert(0, what);
  }
}

/** Where the action starts whose `{` stands at `index`: behind the `=`, `:` or `=>` before it. */
function actionHead(tokens: readonly Token[], index: number): number {
  let depth = 0;
  for (let at = index - 1; at >= 0; at -= 1) {
    const kind = tokens[at]?.tokenType;
    if (kind === RParen || kind === RBracket || kind === RBrace) depth += 1;
    else if (closingOf(tokens[at]) !== undefined) {
      if (depth === 0) return at + 1;
      depth -= 1;
    } else if (depth === 0 && (kind === Equals || kind === Colon || kind === FatArrow)) return at + 1;
  }
  return index;
}

/** Where the entry starts that holds the token: behind the bracket that is open, or behind the last `,` or line. */
function entryStart(tokens: readonly Token[], index: number): number {
  let depth = 0;
  let words = 0;
  for (let at = index - 1; at >= 0; at -= 1) {
    const kind = tokens[at]?.tokenType;
    if (kind === RParen || kind === RBracket || kind === RBrace) depth += 1;
    else if (closingOf(tokens[at]) !== undefined) {
      if (depth === 0) return at + 1;
      depth -= 1;
    } else if (depth === 0 && kind === Colon && words < 12) return at - 1;
    words += 1;
  }
  return index;
}

function* replacements({ tokens, fault, balanced }: Trouble): Generator<Change> {
  for (const at of [fault.index, fault.index - 1, fault.index + 1]) {
    const token = tokens[at];
    if (token === undefined) continue;
    yield { kind: "replace", at, what: Hole };
    yield { kind: "replace", at, what: Identifier };
    const kinds = balanced ? [...separators, ...words] : [...brackets, ...separators];
    for (const what of kinds) {
      if (what !== token.tokenType) yield { kind: "replace", at, what };
    }
  }
}

function insert(at: number, what: TokenKind): Change {
  const image = categoryOf(what) === "keyword" ? (spellingOf(what) ?? "") : "";
  return { kind: "insert", at: Math.max(at, 0), what, image };
}

function repeats(tokens: readonly Token[], index: number): boolean {
  const token = tokens[index];
  const previous = tokens[index - 1];
  if (token === undefined || previous === undefined) return false;
  return token.tokenType === previous.tokenType && token.image === previous.image;
}

function isWord(token: Token): boolean {
  const category = categoryOf(token.tokenType);
  return category === "keyword" || category === "reserved word" || category === "constant" || category === "name";
}
