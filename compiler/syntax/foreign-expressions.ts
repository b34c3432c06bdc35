import { isOnOneLine } from "./brackets.ts";
import { indentOf } from "./characters.ts";
import type { Change } from "./change.ts";
import {
  And,
  Not,
  Bar,
  categoryOf,
  Colon,
  Else,
  For,
  Greater,
  Hole,
  Identifier,
  If,
  Let,
  Or,
  RBrace,
  State,
  Step,
  Text,
} from "./tokens.ts";
import type { Token, TokenKind } from "./tokens.ts";

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
