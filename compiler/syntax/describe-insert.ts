import type { Diagnostic, Fix } from "../diagnostics/diagnostic.ts";
import { closingOf, isOnOneLine, openBefore, opens } from "./brackets.ts";
import { indentOf, lineStart } from "./characters.ts";
import { gapBefore } from "./change.ts";
import type { Change } from "./change.ts";
import { blockOwner, constructOf, expectationOf, formOf } from "./expectations.ts";
import type { Fault } from "./grammar-base.ts";
import { printKind, printToken } from "./print-token.ts";
import {
  categoryOf,
  Colon,
  Equals,
  Hole,
  Identifier,
  LBrace,
  LBracket,
  LParen,
  RBrace,
  spellingOf,
} from "./tokens.ts";
import type { Token, TokenKind } from "./tokens.ts";

type Insert = Extract<Change, { kind: "insert" }>;

interface Scene {
  readonly tokens: readonly Token[];
  readonly fault: Fault;
}

interface Source {
  readonly file: string;
  readonly text: string;
}

/** Says that something is missing, where, what for, and offers to write it. */
export function describeInsert(source: Source, scene: Scene, change: Insert): Diagnostic {
  const { file, text } = source;
  const { tokens } = scene;
  const offset = gapBefore(text, tokens, change);
  const base = {
    code: "AF1002" as const,
    severity: "error" as const,
    span: { file, start: offset, end: offset },
  };
  if (change.what === Hole || change.what === Identifier)
    return { ...base, ...describeHole(source, scene, change) };
  const opener = opens(change.what);
  const fixes = [fixFor(source, tokens, change)];
  const label = `${printKind(change.what)} belongs here`;
  if (opener !== undefined)
    return { ...base, label, ...describeClose(source, tokens, { change, opener }), fixes };
  return {
    ...base,
    label,
    message: `${printKind(change.what)} is missing ${placeOf(text, tokens, change)}`,
    help: formOf(constructFor(scene, change)),
    fixes,
  };
}

function describeHole(
  { text }: Source,
  scene: Scene,
  change: Insert,
): Pick<Diagnostic, "message" | "help"> {
  const { tokens, fault } = scene;
  const { at, what } = change;
  const isHere = at === fault.index;
  const missing =
    isHere && (fault.expected !== null || fault.kind === "no-alternative")
      ? expectationOf(fault)
      : null;
  const previous = tokens[at - 1];
  const isType = previous?.tokenType.name === "Arrow" || fault.rules.includes("typeRef");
  const plain = what === Identifier ? "a name" : isType ? "a type" : "a value";
  return {
    message: `${missing ?? plain} is missing ${placeOf(text, tokens, change)}`,
    help: formOf(constructBehind(previous, constructOf(fault))),
  };
}

/** The construct in which a value is missing, by the sign it is missing behind. */
function constructBehind(previous: Token | undefined, construct: string): string {
  const sign = previous?.tokenType.name;
  if (sign === "Arrow") return "signature";
  if (construct !== "action") return construct;
  return sign === "Colon" ? "setting" : sign === "Equals" ? "step" : construct;
}

function describeClose(
  { file, text }: Source,
  tokens: readonly Token[],
  { change, opener }: { change: Insert; opener: TokenKind },
): Pick<Diagnostic, "message" | "help" | "related"> {
  const index = openBefore(tokens, change.at).findLast((at) => tokens[at]?.tokenType === opener);
  const token = index === undefined ? undefined : tokens[index];
  const what = printKind(change.what);
  if (token === undefined || index === undefined) {
    return {
      message: `${what} is missing ${placeOf(text, tokens, change)}`,
      help: "every bracket needs its partner",
    };
  }
  const owner = ownerOf(text, tokens, index);
  return {
    message: `${owner === null ? `this \`${spellingOf(opener) ?? ""}\`` : `the \`${spellingOf(opener) ?? ""}\` of ${owner}`} is never closed`,
    help: `write ${what} behind the last thing that belongs to it`,
    related: [{ span: { file, start: token.start, end: token.end }, message: "opened here" }],
  };
}

/** What a bracket belongs to, by the words before it: `` `flow hello` ``. */
function ownerOf(text: string, tokens: readonly Token[], index: number): string | null {
  const [first, second] = tokens;
  const isHead = tokens[index]?.tokenType === LBrace && openBefore(tokens, index).length === 0;
  if (
    isHead &&
    first !== undefined &&
    second !== undefined &&
    categoryOf(first.tokenType) === "keyword"
  ) {
    return second.tokenType === Identifier
      ? `\`${first.image} ${second.image}\``
      : `this ${first.image}`;
  }
  const previous = tokens[index - 1];
  if (previous === undefined || previous.image === "") return null;
  return isOnOneLine(text, previous.end, tokens[index]?.start ?? 0)
    ? `\`${previous.image}\``
    : null;
}

/** "between `a` and `b`", as far as there is something on both sides. */
function placeOf(text: string, tokens: readonly Token[], { at, side }: Insert): string {
  const previous = tokens[at - 1];
  const next = tokens[at];
  if (previous === undefined || side === "before") return `before ${printToken(text, next)}`;
  if (next === undefined || !isOnOneLine(text, previous.end, next.start))
    return `behind ${printToken(text, previous)}`;
  return `between ${printToken(text, previous)} and ${printToken(text, next)}`;
}

/** The construct that the missing sign belongs to; a fault that shows later belongs to another. */
function constructFor({ tokens, fault }: Scene, { at, what }: Insert): string {
  const own = constructsOf[what.name];
  if (own !== undefined) return own;
  if (what.name === "Colon" && at === fault.index + 1) return "setting";
  if (what.name === "Let") return "letDeclaration";
  if (what === LBrace) return blockOwner(fault);
  if (what.name === "Colon" && fault.kind === "separator") return "setting";
  const opening = openBefore(tokens, at).at(-1);
  if (what.name === "Comma" && closingOf(tokens[opening ?? -1])?.name === "RBracket") return "list";
  return constructOf(fault);
}

const constructsOf: Readonly<Record<string, string>> = {
  If: "ifAction",
  Else: "ifAction",
  For: "forAction",
  In: "forAction",
  Match: "match",
  Repeat: "repeat",
  Race: "race",
  Step: "step",
  State: "state",
  Expect: "expect",
  On: "on",
  From: "importDeclaration",
  Arrow: "signature",
};

/** Signs whose place leaves no choice. */
const certain = new Set(["Colon", "Equals", "Arrow", "FatArrow", "In", "From"]);

function isCertain(text: string, tokens: readonly Token[], { at, what }: Insert): boolean {
  if (!certain.has(what.name)) return false;
  if (what === Colon) return startsAnEntry(text, tokens, at - 1);
  return what !== Equals || isStatement(text, tokens, at);
}

/** Between words of a parameter or field, `=` is a guess. */
function isStatement(text: string, tokens: readonly Token[], end: number): boolean {
  let at = end - 1;
  for (; at > 0; at -= 1) {
    const [before, token] = [tokens[at - 1], tokens[at]];
    if (token === undefined || isKeywordBefore(token)) break;
    if (before === undefined || !isOnOneLine(text, before.end, token.start)) break;
  }
  const first = tokens[at];
  return first !== undefined && isKeywordBefore(first);
}

/** Is it the first word of an entry? Between words of a value, `:` is a guess. */
function startsAnEntry(text: string, tokens: readonly Token[], at: number): boolean {
  const [before, word] = tokens.slice(Math.max(at - 1, 0), at + 1);
  // `step` stands before a name: it is more likely that something behind it is wrong.
  if (word !== undefined && isKeywordBefore(word)) return false;
  if (before === undefined || word === undefined || at < 1) return true;
  if (!isOnOneLine(text, before.end, word.start)) return true;
  return (
    closingOf(before) !== undefined || before.tokenType.name === "Comma" || isKeywordBefore(before)
  );
}

/** `step x int = …`, `let x int = …`: the type of a name. */
function isKeywordBefore({ tokenType }: Token): boolean {
  return ["Step", "Let", "State"].includes(tokenType.name);
}

function fixFor({ file, text }: Source, tokens: readonly Token[], change: Insert): Fix {
  const { at, what } = change;
  const spelling = spellingOf(what) ?? "";
  const previous = tokens[at - 1];
  const next = tokens[at];
  const offset = gapBefore(text, tokens, change);
  const make = (start: number, written: string): Fix => ({
    title: `write \`${spelling}\``,
    edits: [{ span: { file, start, end: start }, text: written }],
    safe: isCertain(text, tokens, change),
  });
  if (change.side === "own line" && previous !== undefined) {
    if (offset !== previous.end)
      return make(offset, `${missingIndent(text, tokens, { at, offset })}${spelling}`);
    const isInline = next !== undefined && isOnOneLine(text, previous.end, next.start);
    return make(
      offset,
      isInline ? ` ${spelling}` : `\n${indentOfOpener(text, tokens, at)}${spelling}`,
    );
  }
  const isWord = categoryOf(what) === "keyword";
  const sticks =
    !isWord &&
    what !== LBrace &&
    (opens(what) !== undefined ||
      "(:,.".includes(spelling) ||
      what === LBracket ||
      what === LParen);
  if (previous === undefined || change.side === "before")
    return make(next?.start ?? 0, `${spelling} `);
  if (sticks && what !== RBrace) return make(previous.end, spelling);
  const isNextHere = next !== undefined && isOnOneLine(text, previous.end, next.start);
  if (isNextHere && next.start > previous.end) return make(next.start, `${spelling} `);
  if (isWord && next !== undefined && !isNextHere && startsEntry(what))
    return make(next.start, `${spelling} `);
  return make(previous.end, ` ${spelling}${isNextHere ? " " : ""}`);
}

function startsEntry({ name }: TokenKind): boolean {
  return ["Step", "Let", "State", "Expect", "On"].includes(name);
}

function missingIndent(
  text: string,
  tokens: readonly Token[],
  { at, offset }: { at: number; offset: number },
): string {
  const wanted = indentOfOpener(text, tokens, at);
  return wanted.slice(Math.min(offset - lineStart(text, offset), wanted.length));
}

function indentOfOpener(text: string, tokens: readonly Token[], at: number): string {
  const opener = tokens[openBefore(tokens, at).at(-1) ?? 0];
  const start = lineStart(text, opener?.start ?? 0);
  let stop = start;
  while (text.charAt(stop) === " " || text.charAt(stop) === "\t") stop += 1;
  return indentOf(text, stop) >= 0 ? text.slice(start, stop) : "";
}
