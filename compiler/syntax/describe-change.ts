import type { Diagnostic, Fix, Label } from "../diagnostics/diagnostic.ts";
import { closingOf, isBracket, openBefore, openingOf } from "./brackets.ts";
import { indentOf } from "./characters.ts";
import { gapBefore } from "./change.ts";
import type { Change } from "./change.ts";
import { describeInsert } from "./describe-insert.ts";
import { adviceFor } from "./foreign-words.ts";
import { constructOf, expectationOf, formOf } from "./expectations.ts";
import { chainLimit, nestingLimit } from "./grammar-base.ts";
import type { Fault } from "./grammar-base.ts";
import { habit } from "./habits.ts";
import { printKind, printToken } from "./print-token.ts";
import { categoryOf, Hole, Null } from "./tokens.ts";
import type { Token, TokenKind } from "./tokens.ts";

export interface Scene {
  readonly tokens: readonly Token[];
  readonly fault: Fault;
}

interface Source {
  readonly file: string;
  readonly text: string;
}

/** Says what is wrong, given the change that mends it. Null if nothing is. */
export function describeChange(source: Source, scene: Scene, change: Change): Diagnostic | null {
  const diagnostic = describe(source, scene, change);
  const { index } = scene.fault;
  const around = [change.at, index, index - 1, change.at - 1];
  const isNullType =
    scene.fault.rules.at(-1) === "typeTerm" && scene.tokens[index]?.tokenType === Null;
  const help = isNullType
    ? "a type whose value may be null is written with `?`, as in `string?`"
    : adviceFor(around.map((at) => scene.tokens[at]));
  const isTold = change.kind === "cut" && change.reason !== undefined;
  return diagnostic === null || help === null || isTold ? diagnostic : { ...diagnostic, help };
}

function describe(source: Source, scene: Scene, change: Change): Diagnostic | null {
  switch (change.kind) {
    case "insert":
      return describeInsert(source, scene, change);
    case "remove":
      return removed(source, scene, change.at);
    case "replace":
      return replaced(source, scene, change);
    case "rename":
      return renamed(source, scene, change.at);
    case "join":
      return joined(source, scene, change.at);
    case "habit": {
      const [keyword, name, colon] = scene.tokens.slice(change.at - 2, change.at + 1);
      if (keyword === undefined || name === undefined || colon === undefined) return null;
      return habit.colonForEquals(source.file, colon, { keyword: keyword.image, name: name.image });
    }
    case "split":
      return null;
    case "cut":
      return unreadable(source, scene, change);
  }
}

function removed({ file, text }: Source, scene: Scene, at: number): Diagnostic {
  const token = scene.tokens[at]!;
  const span = { file, start: token.start, end: token.end };
  const fix: Fix = { title: "remove it", edits: [{ span, text: "" }], safe: false };
  const written = printToken(text, token);
  const base = { code: "AF1002" as const, severity: "error" as const, span, fixes: [fix] };
  const opener = openingOf(token);
  if (opener !== undefined) {
    return {
      ...base,
      message: `this ${written} closes nothing: there is no ${printKind(opener)} before it that is still open`,
      help: `remove it, or write the ${printKind(opener)} that belongs to it`,
    };
  }
  const closer = closingOf(token);
  if (closer !== undefined) {
    return {
      ...base,
      message: `this ${written} is never closed with ${printKind(closer)}`,
      help: "remove it, or close it",
    };
  }
  const previous = scene.tokens[at - 1];
  if (
    previous !== undefined &&
    text.slice(previous.start, previous.end) === text.slice(token.start, token.end)
  ) {
    return { ...base, message: `${written} stands here twice`, help: "remove one of the two" };
  }
  const message =
    at === scene.fault.index
      ? `I expected ${expectationOf(scene.fault)} here, but found ${written}`
      : `${written} does not fit here`;
  return {
    ...base,
    message,
    help: `${formOf(constructOf(scene.fault))}; remove ${written}, or complete what it starts`,
  };
}

function replaced(
  { file, text }: Source,
  scene: Scene,
  change: { readonly at: number; readonly what: TokenKind },
): Diagnostic {
  const token = scene.tokens[change.at]!;
  const span = { file, start: token.start, end: token.end };
  const isHere = change.at === scene.fault.index;
  const meant =
    isHere && change.what === Hole ? expectationOf(scene.fault) : printKind(change.what);
  const related = isBracket(change.what) ? partnerLabel(file, scene.tokens, change) : [];
  const message = `I expected ${meant} here, but found ${printToken(text, token)}`;
  const help = formOf(constructOf(scene.fault));
  const base = { code: "AF1002" as const, severity: "error" as const, message, span, help };
  const labelled = related.length > 0 ? { ...base, related } : base;
  if (categoryOf(change.what) === "unknown" || change.what.name === "Identifier") return labelled;
  const written = meant.slice(1, -1);
  return {
    ...labelled,
    fixes: [{ title: `write ${meant}`, edits: [{ span, text: written }], safe: false }],
  };
}

function partnerLabel(
  file: string,
  tokens: readonly Token[],
  { at, what }: { readonly at: number; readonly what: TokenKind },
): Label[] {
  const open = openBefore(tokens, at)
    .map((index) => tokens[index])
    .findLast((token) => closingOf(token) === what);
  if (open === undefined) return [];
  return [{ span: { file, start: open.start, end: open.end }, message: "this is still open" }];
}

function renamed({ file, text }: Source, scene: Scene, at: number): Diagnostic {
  const token = scene.tokens[at]!;
  const isReserved = categoryOf(token.tokenType) === "reserved word";
  return {
    code: "AF1002",
    severity: "error",
    message: `${printToken(text, token)} is ${isReserved ? "reserved" : "a keyword"} and can't be ${expectationOf({ ...scene.fault, index: at })}`,
    span: { file, start: token.start, end: token.end },
    help: `choose another name, such as \`${suggestion(token.image)}\`; as a setting's key, a field or behind \`.\` the word is free`,
  };
}

/** A name close to the keyword. */
function suggestion(word: string): string {
  const plain: Readonly<Record<string, string>> = {
    in: "input",
    as: "alias",
    on: "trigger",
    if: "condition",
    else: "otherwise",
    for: "target",
    from: "sender",
    true: "yes",
    false: "no",
    null: "nothing",
    return: "result",
    await: "pending",
    undefined: "nothing",
  };
  return plain[word] ?? `${word}1`.replace(/1$/, word.endsWith("e") ? "Name" : "Item");
}

function joined({ file, text }: Source, scene: Scene, at: number): Diagnostic {
  const [first, second] = scene.tokens.slice(at - 1, at + 1);
  const start = first?.end ?? 0;
  return {
    code: "AF1002",
    severity: "error",
    message: `something is missing between ${printToken(text, first)} and ${printToken(text, second)}`,
    span: { file, start, end: second?.start ?? start },
    help: "join values with an operator such as `==`, `+` or `??`, separate entries with `,`, and write a setting as `key: value`",
  };
}

function unreadable(
  source: Source,
  scene: Scene,
  change: Extract<Change, { kind: "cut" }>,
): Diagnostic {
  const { file, text } = source;
  const { tokens, fault } = scene;
  const token = tokens[fault.index];
  const offset = gapBefore(text, tokens, { at: fault.index });
  const isGap = token === undefined || (change.count === 0 && indentOf(text, token.start) >= 0);
  if (change.reason !== undefined) return withReason(source, tokens, change);
  const span = isGap
    ? { file, start: offset, end: offset }
    : { file, start: token.start, end: token.end };
  if (fault.kind === "too-deep" || fault.kind === "too-long") return tooMuch(span, fault.kind);
  const first = tokens[change.at];
  const last = tokens[change.at + change.count - 1];
  const isAround = first !== undefined && last !== undefined && change.count > 1 && first !== token;
  const base: Diagnostic = {
    code: "AF1002",
    severity: "error",
    message: isGap
      ? `I expected ${expectationOf(fault)} behind ${printToken(text, tokens[fault.index - 1])}`
      : `I expected ${expectationOf(fault)} here, but found ${printToken(text, token)}`,
    span,
    help: formOf(constructOf(fault)),
  };
  if (!isAround) return base;
  const label = {
    span: { file, start: first.start, end: last.end },
    message: "this part was not understood",
  };
  return { ...base, related: [label] };
}

function withReason(
  { file }: Source,
  tokens: readonly Token[],
  { at, count, reason }: Extract<Change, { kind: "cut" }>,
): Diagnostic {
  const { message = "", help = "", fix, count: wrong = count } = reason ?? {};
  const start = tokens[at]?.start ?? 0;
  const end = tokens[at + Math.min(Math.max(wrong, 1), 3) - 1]?.end ?? start;
  const span = { file, start, end };
  const base = { code: "AF1002" as const, severity: "error" as const, message, span, help };
  if (fix === undefined) return base;
  const whole = { file, start, end: tokens[at + wrong - 1]?.end ?? end };
  const title = fix === "" ? "remove it" : `write \`${fix}\``;
  return { ...base, fixes: [{ title, edits: [{ span: whole, text: fix }], safe: false }] };
}

function tooMuch(span: Diagnostic["span"], kind: "too-deep" | "too-long"): Diagnostic {
  const isDeep = kind === "too-deep";
  return {
    code: "AF1002",
    severity: "error",
    message: isDeep
      ? `this is nested more than ${nestingLimit} levels deep`
      : `this chain has more than ${chainLimit} links`,
    span,
    help: isDeep
      ? "give inner parts a name of their own with `let` or `step`"
      : "split it: give a part a name with `let`",
  };
}
