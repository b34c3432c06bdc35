import { closingOf, isOnOneLine, openBefore, openingOf, partnerOf } from "./brackets.ts";
import { indentOf } from "./characters.ts";
import type { Change } from "./change.ts";
import {
  Agent,
  And,
  Arrow,
  Bar,
  categoryOf,
  Colon,
  Else,
  Equals,
  EqualsEquals,
  Expect,
  FatArrow,
  Flow,
  For,
  Greater,
  Hole,
  Identifier,
  If,
  In,
  LBrace,
  LBracket,
  LParen,
  Let,
  Match,
  Minus,
  Not,
  Or,
  Plus,
  Question,
  RBrace,
  RBracket,
  Role,
  RParen,
  State,
  Step,
  Text,
  Token,
  Tool,
} from "./tokens.ts";
import type { TokenKind } from "./tokens.ts";

interface Place {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** Where reading stopped. */
  readonly index: number;
}

/** Words of other languages for signs and words of this one. */
const sameThing: ReadonlyMap<string, TokenKind> = new Map([
  ["and", And],
  ["or", Or],
  ["not", Not],
  ["foreach", For],
  ["assert", Expect],
]);

/** What Python, YAML and others write inside of blocks, read as it is meant. */
export function* foreignExpressions(place: Place): Generator<Change> {
  const { tokens, index } = place;
  for (const at of [index, index - 1, index + 1]) {
    const token = tokens[at];
    if (token?.tokenType !== Identifier) continue;
    const what = sameThing.get(token.image);
    if (what !== undefined) yield { kind: "replace", at, what };
    if (token.image === "elif" || token.image === "elsif") yield elseIf(at, token);
    if (isPrefix(token, tokens[at + 1])) yield prefixed(at, token);
  }
  yield* quotedKeys(place);
  yield* functionBody(place);
  yield* heads(place);
  yield* sideBySide(place);
  yield* comparison(place);
  yield* matchArms(place);
  yield* contained(place);
  yield* steps(place);
  yield* typesOfOthers(place);
  yield* blockText(place);
  yield* bareText(place);
}

function elseIf(at: number, { image }: Token): Change {
  const reason = {
    message: `\`${image}\` is written \`else if\``,
    help: "write `else if condition { … }`",
    fix: "else if",
  };
  return { kind: "cut", at, count: 1, stead: [Else, If], reason };
}

/** `f"…"` and its like. */
function isPrefix({ image, end }: Token, next: Token | undefined): boolean {
  return /^[bfru]{1,2}$/iu.test(image) && next?.tokenType === Text && next.start === end;
}

function prefixed(at: number, { image }: Token): Change {
  const reason = {
    message: `a text has no \`${image}\` in front of it`,
    help: "values are inserted into any text with `${…}`",
    fix: "",
  };
  return { kind: "cut", at, count: 1, stead: [], reason };
}

/** `prompt: |` with the text on the lines below. */
function* blockText({ text, tokens, index }: Place): Generator<Change> {
  const sign = tokens[index];
  const isSign = sign?.tokenType === Bar || sign?.tokenType === Greater;
  if (!isSign || tokens[index - 1]?.tokenType !== Colon) return;
  let end = index + 1;
  if (tokens[end] !== undefined && isOnOneLine(text, sign.end, tokens[end]!.start)) return;
  while (end < tokens.length && !endsText(text, tokens, end)) end += 1;
  const reason = {
    message: 'a text over several lines stands between `"""` quotes',
    help: 'write `"""` here and behind the last line; the indentation that all lines share is no part of the text',
  };
  yield { kind: "cut", at: index, count: end - index, stead: [Hole], reason };
}

/** The next setting, or the end of the block, at the start of a line. */
function endsText(text: string, tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token === undefined || indentOf(text, token.start) < 0) return false;
  return token.tokenType === RBrace || tokens[at + 1]?.tokenType === Colon;
}

/** `prompt: Answer the question`. */
function* bareText({ text, tokens, index }: Place): Generator<Change> {
  let first = index;
  while (first > 0 && isWord(tokens[first - 1]) && sameLine(text, tokens, first - 1)) first -= 1;
  const key = tokens[first - 2];
  const isSetting = tokens[first - 1]?.tokenType === Colon && key !== undefined;
  const before = tokens[first - 3]?.tokenType;
  if (!isSetting || before === Step || before === Let || before === State) return;
  let end = first;
  while (isWord(tokens[end]) && (end === first || sameLine(text, tokens, end - 1))) end += 1;
  const isText = end - first > 2 || ["prompt", "system"].includes(key.image);
  if (end - first < 2 || !isText || tokens[end]?.tokenType === Colon) return;
  const written = text.slice(tokens[first]?.start ?? 0, tokens[end - 1]?.end ?? 0);
  const reason = {
    message: 'a text stands between `"` quotes',
    help: `write \`${key.image}: "${written}"\``,
    fix: `"${written}"`,
  };
  yield { kind: "cut", at: first, count: end - first, stead: [Hole], reason };
}

function sameLine(text: string, tokens: readonly Token[], at: number): boolean {
  const [one, next] = tokens.slice(at, at + 2);
  return one !== undefined && next !== undefined && isOnOneLine(text, one.end, next.start);
}

function isWord(token: Token | undefined): boolean {
  if (token === undefined || sameThing.has(token.image)) return false;
  return ["keyword", "reserved word", "constant", "name"].includes(categoryOf(token.tokenType));
}

/** `if a = b`. */
function* comparison({ text, tokens, index }: Place): Generator<Change> {
  const [before, sign] = tokens.slice(Math.max(index - 1, 0), index + 1);
  if (sign?.tokenType !== Equals || before === undefined) return;
  const isValue = [Identifier, Text, RParen, RBracket].includes(before.tokenType);
  const keyword = tokens[index - 2]?.tokenType;
  if (keyword === State || keyword === Let || keyword === Step) return;
  // `total: int = 0` is a state or a field, and `total = 0` a name.
  if (!isValue || isTypeName(before) || indentOf(text, before.start) >= 0) return;
  const reason = {
    message: "values are compared with `==`, not with `=`",
    help: "`=` gives a name, as in `let x = …`",
    fix: "==",
  };
  yield { kind: "cut", at: index, count: 1, stead: [EqualsEquals], reason };
}

const typeNames =
  /^(?:string|int|float|bool|url|email|date|time|duration|money|file|secret|json)$/u;

function isTypeName({ image }: Token): boolean {
  return typeNames.test(image) || /^[A-Z]/u.test(image);
}

/** `match x { "a": f() }`, and `_` or `default` for all other values. */
function* matchArms({ tokens, index }: Place): Generator<Change> {
  const open = openBefore(tokens, Math.min(index + 1, tokens.length)).findLast(
    (at) => tokens[at]?.tokenType === LBrace && isMatch(tokens, at),
  );
  if (open === undefined) return;
  const close = partnerOf(tokens, open);
  const inner = tokens.slice(open + 1, close);
  let depth = 0;
  const meant = inner.map((token, at) => {
    // What stands between brackets inside of an arm may have keys of its own.
    if (closingOf(token) !== undefined) depth += 1;
    if (openingOf(token) !== undefined) depth -= 1;
    return depth > 0 ? token : asArm(token, inner, at);
  });
  const first = inner.findIndex((token, at) => meant[at] !== token);
  if (first < 0) return;
  const isElse = inner[first]?.tokenType === Identifier;
  const reason = isElse
    ? {
        message: `what holds for all other values is \`else\`, not \`${inner[first]?.image ?? ""}\``,
        help: "write `else => …`",
        fix: "else",
        count: 1,
      }
    : {
        message: "the action of an arm follows `=>`",
        help: "write `pattern => action`",
        fix: "=>",
        count: 1,
      };
  const at = open + 1 + first;
  yield { kind: "cut", at, count: close - at, stead: meant.slice(first), reason };
}

/** Is this the brace behind `match value`? */
function isMatch(tokens: readonly Token[], brace: number): boolean {
  const line = tokens.slice(Math.max(brace - 12, 0), brace);
  const start = line.findLastIndex(({ tokenType }) => tokenType === Match);
  return start >= 0 && !line.slice(start).some(({ tokenType }) => tokenType === LBrace);
}

function asArm(token: Token, all: readonly Token[], at: number): Token {
  const [before, next] = [all[at - 1], all[at + 1]];
  const isSign = token.tokenType === Colon || token.tokenType === Arrow;
  const isPattern = before?.tokenType === Text || before?.tokenType === Else || isOther(before);
  if (isSign && isPattern) return new Token(FatArrow, token.start, token.end, "");
  const follows = next?.tokenType === Colon || next?.tokenType === FatArrow;
  return isOther(token) && follows ? new Token(Else, token.start, token.end, "else") : token;
}

function isOther(token: Token | undefined): boolean {
  return token?.tokenType === Identifier && ["_", "default", "otherwise"].includes(token.image);
}

/** `"a" in list`. */
function* contained({ tokens, index }: Place): Generator<Change> {
  for (const at of [index, index - 1]) {
    const [before, word, list] = tokens.slice(Math.max(at - 1, 0), at + 2);
    if (word?.tokenType !== In || before === undefined || list === undefined) continue;
    const reason = {
      message: "whether a list holds a value is asked with its method `contains`",
      help: `write \`${list.image === "" ? "list" : list.image}.contains(…)\``,
    };
    yield { kind: "cut", at, count: 1, stead: [EqualsEquals], reason };
  }
}

/** `n += 1` and `n++`: nothing changes its value. */
function* steps({ tokens, index }: Place): Generator<Change> {
  for (const at of [index, index - 1]) {
    const [first, second] = tokens.slice(at, at + 2);
    if (first === undefined || second === undefined || first.end !== second.start) continue;
    if (first.tokenType !== Plus && first.tokenType !== Minus) continue;
    const isDoubled = second.tokenType === first.tokenType;
    if (!isDoubled && second.tokenType !== Equals) continue;
    const sign = first.tokenType === Plus ? "+" : "-";
    const reason = {
      message: `no value ever changes, so there is no \`${sign}${isDoubled ? sign : "="}\``,
      help: `give the new value a name of its own, \`let next = value ${sign} 1\`; a list is added up with \`list.sum()\``,
    };
    if (isDoubled) yield { kind: "cut", at, count: 2, stead: [], reason };
    else yield { kind: "cut", at: at - 1, count: 3, stead: [Let, Identifier, Equals], reason };
  }
}

/** `list[string]`, and `name?: string`. */
function* typesOfOthers({ tokens, index }: Place): Generator<Change> {
  const [list, bracket, item, close] = tokens.slice(Math.max(index - 2, 0), index + 2);
  const isList = list !== undefined && /^(?:list|array|sequence|set)$/iu.test(list.image);
  if (isList && bracket?.tokenType === LBracket && item !== undefined && close !== undefined) {
    const reason = {
      message: "the type of a list is that of its items with `[]` behind it",
      help: `write \`${item.image}[]\``,
      fix: `${item.image}[]`,
    };
    yield { kind: "cut", at: index - 2, count: 4, stead: [item, bracket, close], reason };
  }
  const question = tokens[index];
  const name = tokens[index - 1];
  if (question?.tokenType !== Question || tokens[index + 1]?.tokenType !== Colon) return;
  const reason = {
    message: "what may be left out has its `?` behind the type",
    help: `write \`${name?.image ?? "name"}: ${tokens[index + 2]?.image ?? "type"}?\``,
  };
  yield { kind: "cut", at: index, count: 1, stead: [], reason };
}

/** `flow f -> T`, `f(q)` and `f(string q)`. */
function* heads({ tokens, index }: Place): Generator<Change> {
  const [keyword, name, sign] = tokens.slice(Math.max(index - 2, 0), index + 1);
  if (sign?.tokenType === Arrow && isDeclaration(keyword)) {
    const reason = {
      message: `\`${name?.image ?? ""}\` lacks its parameters`,
      help: `write \`${name?.image ?? "name"}()\` if there are none`,
    };
    yield { kind: "cut", at: index, count: 0, stead: [LParen, RParen], reason };
  }
  const type = tokens[index - 1];
  const param = tokens[index];
  const isSwapped = type !== undefined && typeNames.test(type.image);
  if (!isSwapped || param?.tokenType !== Identifier || isDeclaration(tokens[index - 2])) return;
  const reason = {
    message: "the type of a parameter or field stands behind its name",
    help: `write \`${param.image}: ${type.image}\``,
    fix: `${param.image}: ${type.image}`,
  };
  yield { kind: "cut", at: index - 1, count: 2, stead: [param, Colon, type], reason };
}

function isDeclaration(token: Token | undefined): boolean {
  return token !== undefined && [Flow, Agent, Tool, Role].includes(token.tokenType);
}

/** `parallel { … }`. */
function* sideBySide({ tokens, index }: Place): Generator<Change> {
  for (const at of [index, index - 1]) {
    const word = tokens[at];
    const isWord = word !== undefined && /^(?:parallel|concurrently|async_all)$/u.test(word.image);
    if (!isWord || tokens[at + 1]?.tokenType !== LBrace) continue;
    const reason = {
      message: `there is no \`${word.image}\`: steps that don't mention each other run at the same time`,
      help: "write the steps one below the other, without the block; `after:` gives an order",
      count: 1,
    };
    const count = partnerOf(tokens, at + 1) + 1 - at;
    yield { kind: "cut", at, count, stead: [], reason };
  }
}

/** `{ "model": fast }`, as in JSON. */
function* quotedKeys({ text, tokens, index }: Place): Generator<Change> {
  if (tokens[index]?.tokenType !== Colon || tokens[index - 1]?.tokenType !== Text) return;
  const open = openBefore(tokens, index).at(-1) ?? -1;
  if (tokens[open]?.tokenType !== LBrace) return;
  const inner = tokens.slice(index - 1, partnerOf(tokens, open));
  const written = ({ start, end }: Token): string => text.slice(start + 1, end - 1);
  const meant = inner.map((token, at) =>
    token.tokenType === Text && inner[at + 1]?.tokenType === Colon
      ? new Token(Identifier, token.start, token.end, written(token))
      : token,
  );
  const key = meant[0]?.image ?? "";
  if (!/^[A-Za-z_]\w*$/u.test(key)) return;
  const reason = {
    message: "the key of a setting stands without quotes",
    help: `write \`${key}: value\``,
    fix: key,
    count: 1,
  };
  yield { kind: "cut", at: index - 1, count: inner.length, stead: meant, reason };
}

/** `x => { return x.length }`. */
function* functionBody({ tokens, index }: Place): Generator<Change> {
  const open = openBefore(tokens, index).at(-1) ?? -1;
  const isBody = tokens[open]?.tokenType === LBrace && tokens[open - 1]?.tokenType === FatArrow;
  if (!isBody || tokens[open + 1]?.image !== "return") return;
  const close = partnerOf(tokens, open);
  const reason = {
    message: "a function such as `x => …` is one expression, without braces and `return`",
    help: "write the expression behind `=>`: `list.map(item => item.name)`",
    count: 2,
  };
  const stead = tokens.slice(open + 2, close);
  yield { kind: "cut", at: open, count: close + 1 - open, stead, reason };
}
