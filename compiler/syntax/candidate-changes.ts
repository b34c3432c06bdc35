import { closingOf, isBracket, isOnOneLine, openBefore, partnerOf } from "./brackets.ts";
import { indentOf } from "./characters.ts";
import { bracketChanges } from "./bracket-changes.ts";
import { lostHeads } from "./lost-heads.ts";
import type { Change } from "./change.ts";
import { foreignExpressions } from "./foreign-expressions.ts";
import type { Fault } from "./grammar-base.ts";
import {
  Arrow,
  As,
  Bar,
  BinaryOperator,
  categoryOf,
  Colon,
  Comma,
  Dot,
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
  QuestionDot,
  Range,
  RBrace,
  RBracket,
  Repeat,
  RParen,
  spellingOf,
  State,
  Step,
  Text,
  TypeLabel,
} from "./tokens.ts";
import type { Token, TokenKind } from "./tokens.ts";

export interface Trouble {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly fault: Fault;
  /** Are all brackets of the unit paired? Then the fault is no bracket, else it is one. */
  readonly balanced: boolean;
}

const separators = [Comma, Colon, Equals, Dot, FatArrow, Arrow, Bar, Range, EqualsEquals, Question];
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
  yield* foreignExpressions({ text: trouble.text, tokens, index });
  if (!balanced) yield* bracketChanges(trouble.text, tokens);
  if (!balanced) yield* lostHeads(trouble.text, tokens, index);
  if (expected !== null && (balanced || isBracket(expected)))
    yield* insertExpected(index, expected);
  const startsLine = actual !== undefined && indentOf(trouble.text, actual.start) >= 0;
  const isSign = actual?.tokenType === Colon || actual?.tokenType === Equals;
  if (isSign && startsLine) yield { ...insert(index, Identifier), side: "before" };
  if (isSign && !startsLine) yield* [insert(index - 1, Hole), insert(index - 1, Identifier)];
  if (startsLine && actual !== undefined && continues(actual))
    yield { ...insert(index, Hole), side: "before" };
  if (fault.kind === "no-alternative" && startsLine) yield insert(index, Hole);
  yield* operands(trouble);
  for (const at of [index, index - 1]) if (repeats(trouble, at)) yield { kind: "remove", at };
  if (actual !== undefined && isWord(actual) && actual.tokenType !== Else) {
    yield* [insert(index + 1, Colon), insert(index + 1, Equals)];
    if (fault.kind === "mismatch" && !startsLine) yield { kind: "rename", at: index };
  }
  if (fault.kind === "no-alternative") yield insert(index, Hole);
  yield* signs(trouble, index);
  if (isWordPair(trouble.text, tokens, index - 1)) yield insert(index - 1, Colon);
  yield* completions(fault);
  yield* statements(trouble);
  if (fault.kind === "separator" && fault.expected === Colon) yield { kind: "join", at: index };
  yield* removals(tokens, startsLine ? [index - 1, index] : [index, index - 1]);
  yield* heads(trouble);
  yield* signs(trouble, index - 1);
  yield* removals(tokens, [index + 1, index - 2]);
  for (const at of [index, index - 1]) {
    // A word before one of these would be taken for a name.
    const after = tokens[at]?.tokenType;
    if (after === Colon || after === Equals) continue;
    for (const what of words) yield insert(at, what);
  }
  yield* [
    insert(index, Hole),
    insert(index, Identifier),
    insert(index - 1, Hole),
    insert(index - 1, Identifier),
  ];
  yield* replacements(trouble);
  yield* signs(trouble, index - 2);
}

/** Signs that may be missing before a token. Hardly any but a comma is missing between two lines. */
function* signs({ text, tokens, balanced, fault }: Trouble, at: number): Generator<Change> {
  const startsLine = indentOf(text, tokens[at]?.start ?? 0) >= 0;
  if (!startsLine) {
    for (const what of balanced ? separators : brackets) yield insert(at, what);
    return;
  }
  if (fault.rules.at(-1) === "typeDeclaration") yield insert(at, Equals);
  if (balanced) yield* [insert(at, Comma), { ...insert(at, Bar), side: "before" as const }];
  else for (const what of [RParen, RBracket, RBrace]) yield insert(at, what);
  if (!balanced)
    for (const what of [LParen, LBracket, LBrace]) yield { ...insert(at, what), side: "before" };
}

function* insertExpected(at: number, what: TokenKind): Generator<Change> {
  yield what === Text || categoryOf(what) === "unknown" ? insert(at, Hole) : insert(at, what);
}

/** What only looks wrong to the grammar, or is a habit that it cannot tell from a fault. */
function* misread({ tokens, fault }: Trouble): Generator<Change> {
  const { index, rules } = fault;
  const actual = tokens[index];
  if (actual?.tokenType === Comma && fault.kind === "separator")
    yield { kind: "replace", at: index, what: Colon };
  yield* bareTrigger(tokens, index);
  const isTypeList = rules.at(-1) === "typeArgs" || rules.at(-1) === "typeParams";
  if (isTypeList && actual?.tokenType === GreaterEquals) {
    yield { kind: "split", at: index, what: [Greater, Equals] };
  }
  if (actual?.tokenType === FatArrow) yield* strayLambda(tokens, index);
  const lambda = lambdaAt(tokens, index);
  if (lambda !== null) yield lambda;
  if (rules.at(-1) === "args" && actual?.tokenType === Arrow) {
    yield { kind: "replace", at: index, what: FatArrow };
  }
  if (actual?.tokenType === Else && fault.kind === "no-alternative") yield strayElse(tokens, index);
  const statement = rules.findLast((rule) => rule === "step" || rule === "letDeclaration");
  if (statement === undefined) return;
  for (let at = index - 1; at > 1; at -= 1) {
    const keyword = tokens[at - 2]?.tokenType;
    if (tokens[at]?.tokenType !== Colon || (keyword !== Step && keyword !== Let)) continue;
    yield { kind: "habit", at, what: Equals };
    return;
  }
}

/** `on cron "0 8 * * *"`. */
function* bareTrigger(tokens: readonly Token[], index: number): Generator<Change> {
  const [on, name, text] = tokens.slice(Math.max(index - 2, 0), index + 1);
  if (on?.tokenType !== On || name === undefined || text?.tokenType !== Text) return;
  const reason = {
    message: "what a trigger waits for stands in parentheses",
    help: `write it like \`on ${name.image}("…")\``,
  };
  yield { kind: "cut", at: index, count: 1, stead: [LParen, text, RParen], reason };
}

/** `(x) => …`, with the parentheses of other languages. */
function lambdaAt(tokens: readonly Token[], index: number): Change | null {
  const [open, name, close, arrow] = tokens.slice(Math.max(index - 3, 0), index + 1);
  const isLambda =
    open?.tokenType === LParen &&
    name?.tokenType === Identifier &&
    close?.tokenType === RParen &&
    arrow?.tokenType === FatArrow;
  if (!isLambda) return null;
  const reason = {
    message: `the name before \`=>\` stands without parentheses`,
    help: `write \`${name.image} => …\``,
  };
  return { kind: "cut", at: index - 3, count: 3, stead: [name], reason };
}

/** `x => …` or `(x) => …` where a value belongs: what it gives stands for it. */
function* strayLambda(tokens: readonly Token[], index: number): Generator<Change> {
  const name = tokens[index - (tokens[index - 1]?.tokenType === RParen ? 2 : 1)];
  const start = tokens[index - 1] === name ? index - 1 : index - 3;
  if (name?.tokenType !== Identifier || start < 1) return;
  const before = tokens[start - 1]?.tokenType;
  if (before !== Equals && before !== Colon) return;
  const isBlock = tokens[index + 1]?.tokenType === LBrace;
  const end = isBlock ? Math.min(partnerOf(tokens, index + 1), tokens.length - 1) : index;
  const reason = {
    message: "a function such as `x => …` is no value: it stands only as the argument of a method",
    help: "write it where it is used, as in `list.map(x => …)`; work with a name of its own is a `flow`, an `agent` or a `tool`",
  };
  const stead = isBlock ? [Hole] : [];
  yield { kind: "cut", at: start, count: end + 1 - start, stead, reason };
}

function strayElse(tokens: readonly Token[], index: number): Change {
  const opening = tokens.findIndex(({ tokenType }, at) => at > index && tokenType === LBrace);
  const end = opening < 0 ? index : partnerOf(tokens, opening);
  const reason = {
    message: "this `else` belongs to no `if`",
    help: "a choice is written `if condition { … } else { … }`",
  };
  return {
    kind: "cut",
    at: index,
    count: Math.min(end + 1, tokens.length) - index,
    stead: [],
    reason,
  };
}

/** What is missing together with all that should follow it. */
function* completions({ index, expected, kind }: Fault): Generator<Change> {
  if (kind !== "mismatch") return;
  if (expected === Colon) yield { kind: "cut", at: index, count: 0, stead: [Colon, Hole] };
  if (expected === Equals) yield { kind: "cut", at: index, count: 0, stead: [Equals, Hole] };
  if (expected === LParen) yield { kind: "cut", at: index, count: 0, stead: [LParen, RParen] };
}

/** Values, types and names that are missing before a bracket that is open, and the `>` of a list of types. */
function* operands({ text, tokens, fault }: Trouble): Generator<Change> {
  const { index, rules } = fault;
  if (index === tokens.length) yield* missingResult(tokens);
  for (const at of [index, ...openBefore(tokens, index).reverse().slice(0, 3)]) {
    const token = tokens[at];
    const before = tokens[at - 1];
    if (token === undefined || before === undefined) continue;
    const isHead = token.tokenType === LBrace && (awaitsValue(before) || awaitsType(before));
    if (isHead) yield insert(at, Hole);
    if (token.tokenType !== LParen || at === index) continue;
    const side = indentOf(text, token.start) >= 0 ? "before" : "behind";
    yield { ...insert(at, Identifier), side };
  }
  if (!rules.some((rule) => rule === "typeArgs" || rule === "typeParams")) return;
  const less = tokens.findLastIndex(({ tokenType }, at) => at < index && tokenType === Less);
  for (let at = less + 2; less >= 0 && at <= Math.min(index, less + 8); at += 1)
    yield insert(at, Greater);
}

/** Does something have to follow before a `{` may open a block? */
function awaitsValue({ tokenType }: Token): boolean {
  return (
    tokenType === In ||
    tokenType === If ||
    tokenType === Match ||
    (BinaryOperator.categoryMatchesMap?.[tokenType.tokenTypeIdx] ?? false)
  );
}

function awaitsType({ tokenType }: Token): boolean {
  return tokenType === Arrow || (TypeLabel.categoryMatchesMap?.[tokenType.tokenTypeIdx] ?? false);
}

/** Can this only stand behind something else? */
function continues({ tokenType }: Token): boolean {
  return (
    tokenType === Dot ||
    tokenType === QuestionDot ||
    tokenType === FatArrow ||
    (BinaryOperator.categoryMatchesMap?.[tokenType.tokenTypeIdx] ?? false)
  );
}

/** Words that are missing at the start of an action, or before a bracket that is open. */
function* heads({ tokens, fault }: Trouble): Generator<Change> {
  const { index } = fault;
  const open = openBefore(tokens, index);
  for (const at of [index, ...open.reverse().slice(0, 3)]) {
    const before = tokens[at - 1]?.tokenType;
    if (tokens[at]?.tokenType !== LBrace) continue;
    if (before === Equals || before === Colon || before === FatArrow) yield insert(at, Repeat);
    if (before === RBrace) yield insert(at, Else);
    const head = actionHead(tokens, at);
    if (head < at) yield* [insert(head, If), insert(head, For), insert(head, Match)];
  }
}

/** The keyword of a statement that is missing before its name. */
function* statements({ tokens, fault }: Trouble): Generator<Change> {
  const start = entryStart(tokens, fault.index);
  if (start < fault.index) yield* [insert(start, State), insert(start, Let), insert(start, Step)];
}

function* removals(tokens: readonly Token[], places: readonly number[]): Generator<Change> {
  for (const at of places) {
    const isIn = at >= 0 && at < tokens.length;
    if (isIn) yield { kind: "remove", at };
  }
}

/** `-> { … }` takes the block for the type of the result, which shows at the end of the declaration. */
function* missingResult(tokens: readonly Token[]): Generator<Change> {
  const at = tokens.findIndex(
    ({ tokenType }, index) => tokenType === LBrace && tokens[index - 1]?.tokenType === Arrow,
  );
  if (at > 0) yield insert(at, Hole);
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
    } else if (depth === 0 && (kind === Equals || kind === Colon || kind === FatArrow))
      return at + 1;
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
  for (const at of [fault.index, fault.index - 1, fault.index + 1, fault.index - 2]) {
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

function insert(at: number, what: TokenKind): Extract<Change, { kind: "insert" }> {
  const isKeyword = categoryOf(what) === "keyword";
  const image = isKeyword ? (spellingOf(what) ?? "") : "";
  const side = isKeyword && !inner.has(what) ? "before" : "behind";
  return { kind: "insert", at: Math.max(at, 0), what, image, side };
}

/** Keywords that stand inside a construct; the others start one. */
const inner: ReadonlySet<TokenKind> = new Set([In, From, Else, As]);

function repeats({ text, tokens }: Trouble, index: number): boolean {
  const token = tokens[index];
  const previous = tokens[index - 1];
  if (token === undefined || previous === undefined) return false;
  return text.slice(token.start, token.end) === text.slice(previous.start, previous.end);
}

/** A key and its value, with nothing between. */
function isWordPair(text: string, tokens: readonly Token[], at: number): boolean {
  const first = tokens[at - 1];
  const second = tokens[at];
  if (first === undefined || second === undefined || !isWord(first) || !isWord(second))
    return false;
  return isOnOneLine(text, first.end, second.start);
}

function isWord(token: Token): boolean {
  const category = categoryOf(token.tokenType);
  return (
    category === "keyword" ||
    category === "reserved word" ||
    category === "constant" ||
    category === "name"
  );
}
