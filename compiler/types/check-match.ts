import type { Fix } from "../diagnostics/diagnostic.ts";
import { insert, replace, spanOf } from "../names/reporter.ts";
import { plainText } from "../names/plain-text.ts";
import type { Scope } from "../names/scope.ts";
import { someOf, suggest } from "../names/suggest.ts";
import type { Arm, Match, Pattern } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";
import { withoutNull } from "./comparable.ts";
import { describe, short } from "./describe.ts";
import { expectCode } from "./infer-operators.ts";
import { literalsOf } from "./mismatch.ts";
import type { Type } from "./type.ts";

/** Patterns fit the subject, none is taken twice, and every value has an arm. */
export function checkMatch(c: Checker, node: Match, scope: Scope): void {
  const subject = c.infer(node.subject, scope);
  if (subject.kind === "error" || subject.kind === "never") return;
  const inner = withoutNull(subject);
  const closed = closedValues(c, inner);
  if (closed === null && !isOpen(inner)) {
    c.report({
      code: "AF3005",
      at: node.subject,
      message: `\`match\` takes text, an int, a bool, a role or an error code, not ${describe(subject)}`,
      help:
        inner.kind === "union" && inner.tag !== null
          ? `match its \`${inner.tag}\`: \`match ${c.textOf(node.subject)}.${inner.tag} { … }\``
          : undefined,
    });
    return;
  }
  const nullable = subject.kind === "optional" || subject.kind === "null";
  const { taken, isWrong } = checkPatterns(c, node, { inner, closed, nullable });
  // A misspelt pattern is reported where it stands; what it was meant for is not missing.
  if (taken.has("else") || isWrong) return;
  reportMissing(c, node, inner, missingValues(closed, nullable, taken));
}

function isOpen(type: Type): boolean {
  return (
    type.kind === "string" || type.kind === "int" || type.kind === "code" || type.kind === "json"
  );
}

/** How each value is written in a pattern; null for an open type. */
function closedValues(c: Checker, type: Type): readonly string[] | null {
  if (type.kind === "bool") return ["true", "false"];
  return literalsOf(type, c.world)?.map((value) => JSON.stringify(value)) ?? null;
}

interface Subject {
  readonly inner: Type;
  readonly closed: readonly string[] | null;
  readonly nullable: boolean;
}

interface Patterns {
  readonly taken: ReadonlyMap<string, Pattern>;
  /** One of them can never be the value. */
  readonly isWrong: boolean;
}

function checkPatterns(c: Checker, node: Match, subject: Subject): Patterns {
  const taken = new Map<string, Pattern>();
  let isWrong = false;
  for (const arm of node.arms) {
    for (const pattern of arm.patterns) {
      const key = keyOf(c, pattern);
      if (key === undefined) continue;
      const before = taken.get("else") ?? taken.get(key);
      if (before !== undefined) {
        reportTaken(c, { node, arm, pattern, key, before });
        continue;
      }
      taken.set(key, pattern);
      if (key !== "else" && !checkPattern(c, pattern, key, subject)) isWrong = true;
    }
  }
  return { taken, isWrong };
}

function keyOf(c: Checker, pattern: Pattern): string | undefined {
  const { value } = pattern;
  if (value === "else") return "else";
  if (value.kind === "literal") return String(value.value);
  const text = plainText(value);
  if (text !== undefined) return JSON.stringify(text);
  c.report({
    code: "AF3005",
    at: pattern,
    message: "a pattern is a text as it is, without `${ }`",
    help: "write the text out, or compare with `if … ==`",
  });
  return undefined;
}

/** False for a pattern that the value can never be. */
function checkPattern(c: Checker, pattern: Pattern, key: string, subject: Subject): boolean {
  const { inner, closed, nullable } = subject;
  if (key === "null") {
    if (!nullable && inner.kind !== "json") {
      c.report({
        code: "AF3018",
        at: pattern,
        message: `this arm is never taken: the value is ${describe(inner)} and never null`,
        help: "remove the arm",
      });
    }
    return true;
  }
  const { value } = pattern;
  if (inner.kind === "json" || value === "else") return true;
  const isText = value.kind === "string";
  if (isText && inner.kind === "code") {
    expectCode(c, value, plainText(value) ?? "");
    return true;
  }
  if (closed?.includes(key) === true) return true;
  const isKind = isText
    ? inner.kind === "string" || (closed !== null && inner.kind !== "bool")
    : value.type === "int"
      ? inner.kind === "int"
      : inner.kind === "bool";
  if (!isKind) {
    c.report({
      code: "AF3009",
      at: pattern,
      message: `${describe(inner)} never equals \`${key}\``,
      help: "write a pattern of the same type",
    });
    return false;
  }
  if (closed === null) return true;
  const near = suggest({
    file: c.file,
    at: pattern,
    written: plainText(value) ?? key,
    candidates: literalsOf(inner, c.world) ?? [],
    spell: (name) => JSON.stringify(name),
  });
  c.report({
    code: "AF3003",
    at: pattern,
    message: `this is never \`${key}\`; ${closed.length === 1 ? "it is always" : `\`${short(inner)}\` is`} ${someOf(
      closed.map((choice) => `\`${choice}\``),
      8,
      "or",
    )}`,
    help: near.help,
    fixes: near.fixes,
  });
  return false;
}

interface Taken {
  readonly node: Match;
  readonly arm: Arm;
  readonly pattern: Pattern;
  readonly key: string;
  readonly before: Pattern;
}

function reportTaken(c: Checker, { node, arm, pattern, key, before }: Taken): void {
  const afterElse = before.value === "else";
  c.report({
    code: "AF3018",
    at: pattern,
    message: afterElse
      ? "this arm is never taken: `else` before it takes everything"
      : `this arm is never taken: \`${key}\` has an arm already`,
    related: [
      { span: spanOf(c.file, before), message: afterElse ? "`else` takes the rest" : "taken here" },
    ],
    help: afterElse ? "move `else` to the end" : "remove one of the two",
    fixes: afterElse ? elseToTheEnd(c, node, before) : withoutArm(c, node, arm),
  });
}

/** The arm with `else` changes places with the last one. */
function elseToTheEnd(c: Checker, { arms }: Match, before: Pattern): readonly Fix[] {
  const from = arms.find((arm) => arm.patterns.includes(before));
  const to = arms.at(-1);
  if (from === undefined || to === undefined || from === to) return [];
  const edits = [replace(c.file, from, c.textOf(to)), replace(c.file, to, c.textOf(from))];
  return [{ title: "let `else` and the last arm change places", edits, safe: false }];
}

/** What is never taken can go; which of the two was meant is for whoever wrote them to say. */
function withoutArm(c: Checker, { arms }: Match, arm: Arm): readonly Fix[] {
  const before = arms[arms.indexOf(arm) - 1];
  if (arm.patterns.length > 1 || before === undefined) return [];
  const edit = replace(c.file, { start: before.end, end: arm.end }, "");
  return [{ title: "remove the arm that is never taken", edits: [edit], safe: false }];
}

function missingValues(
  closed: readonly string[] | null,
  nullable: boolean,
  taken: ReadonlyMap<string, Pattern>,
): string[] {
  const missing = closed === null ? ["else"] : closed.filter((value) => !taken.has(value));
  if (nullable && !taken.has("null") && closed !== null) missing.push("null");
  return missing;
}

function reportMissing(c: Checker, node: Match, type: Type, missing: readonly string[]): void {
  if (missing.length === 0) return;
  const names = someOf(
    missing.map((value) => `\`${value}\``),
    8,
  );
  const isOpenType = missing[0] === "else";
  const last = node.arms.at(-1);
  const indent = last === undefined ? "  " : " ".repeat(columnOf(c, last.start));
  const arms = missing
    .map((value) => `\n${indent}${value} => fail("not_handled", message: "not handled")`)
    .join("");
  c.report({
    code: "AF3014",
    at: { start: node.start, end: node.subject.end },
    message: isOpenType
      ? `this \`match\` does not say what happens for every other value of \`${short(type)}\``
      : `this \`match\` does not say what happens for ${names}`,
    help: isOpenType
      ? "add an arm `else => …` at the end"
      : `add ${missing.length === 1 ? "an arm" : "arms"} for ${missing.length === 1 ? "it" : "them"}, or \`else => …\` at the end`,
    fixes:
      last === undefined
        ? []
        : [
            {
              title: `add ${missing.length === 1 ? "the missing arm" : "the missing arms"}`,
              edits: [insert(c.file, last.end, arms)],
              safe: false,
            },
          ],
  });
}

function columnOf(c: Checker, offset: number): number {
  return offset - (c.sourceText.lastIndexOf("\n", offset - 1) + 1);
}
