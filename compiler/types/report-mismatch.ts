import type { Fix } from "../diagnostics/diagnostic.ts";
import { insert, replace } from "../names/reporter.ts";
import type { Fault } from "../names/reporter.ts";
import { someOf, suggest } from "../names/suggest.ts";
import { isName } from "../names/plain-text.ts";
import type { Expression, Name } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";
import { describe, numberText, short } from "./describe.ts";
import { literalsOf } from "./mismatch.ts";
import type { Mismatch } from "./mismatch.ts";
import { textFormats } from "./text-format.ts";
import type { Type } from "./type.ts";

export interface MismatchPlace {
  readonly at: Expression | Name;
  /** "the argument `title`", "`output`": what the value is put into. */
  readonly what: string;
  /** The type of the whole place. */
  readonly target: Type;
  readonly related?: Fault["related"] | undefined;
  /** How it is written there, if the type is not the program's to change. */
  readonly example?: string | undefined;
}

/** Reports why the value at `at` does not fit: only the part that differs. */
export function reportMismatch(c: Checker, found: Mismatch, place: MismatchPlace): void {
  switch (found.kind) {
    case "null":
      return reportNull(c, found, place);
    case "choice":
      return reportChoice(c, found, place);
    case "missing":
    case "extra":
      return reportField(c, found, place);
    case "secret":
      return reportSecret(c, place);
    case "range":
    case "format":
      return reportRefinement(c, found, place);
    case "filler":
      return reportFiller(c, found, place);
    case "type":
      return reportType(c, found, place);
  }
}

/** What must be different: the whole value, or a part of it. */
function leadOf(found: Mismatch, place: MismatchPlace): string {
  return found.path.length === 0
    ? place.what
    : `${place.what} does not fit \`${short(place.target)}\`: its ${partName(found.path)}`;
}

function partName(path: readonly string[]): string {
  if (path.every((part) => part === "[]")) return "items";
  return `\`${path.map((part, index) => (part === "[]" || index === 0 ? part : `.${part}`)).join("")}\``;
}

function report(c: Checker, place: MismatchPlace, fault: Omit<Fault, "at">): void {
  c.report({
    ...fault,
    at: place.at,
    related: [...(fault.related ?? []), ...(place.related ?? [])],
  });
}

function reportNull(c: Checker, found: Mismatch, place: MismatchPlace): void {
  const inside = found.path.length > 0;
  const alwaysNull = found.source.kind === "null";
  const fixes: Fix[] = [];
  if (!inside && !alwaysNull && !isName(place.at)) {
    const sample = sampleOf(found.target);
    if (sample !== undefined) {
      const open = needsParentheses(place.at);
      fixes.push({
        title: `replace null by \`${sample}\``,
        edits: open
          ? [insert(c.file, place.at.start, "("), insert(c.file, place.at.end, `) ?? ${sample}`)]
          : [insert(c.file, place.at.end, ` ?? ${sample}`)],
        safe: false,
      });
    }
  }
  report(c, place, {
    code: inside ? "AF3001" : "AF3006",
    message: `${leadOf(found, place)} must be ${describe(found.target)}, but ${inside ? "it" : "this"} ${alwaysNull ? "is null" : "may be null"}`,
    help: alwaysNull
      ? "give it a value, or put a `?` behind the type of its place"
      : "say what happens then: replace null with `?? value`, or test with `if … != null` first",
    fixes,
  });
}

function needsParentheses(expression: Expression): boolean {
  return expression.kind === "conditional";
}

function sampleOf(type: Type): string | undefined {
  switch (type.kind) {
    case "string":
      return '""';
    case "int":
    case "float":
      return (type.min ?? 0) <= 0 && (type.max ?? 0) >= 0 ? "0" : String(type.min ?? type.max);
    case "bool":
      return "false";
    case "money":
      return "$0";
    case "duration":
      return "0s";
    case "list":
      return (type.min ?? 0) === 0 ? "[]" : undefined;
    default:
      return undefined;
  }
}

function reportChoice(c: Checker, found: Mismatch, place: MismatchPlace): void {
  const value = found.source.kind === "literal" ? found.source.value : undefined;
  const choices = literalsOf(found.target, c.world) ?? [];
  const spell = (name: string): string => JSON.stringify(name);
  const isText = !isName(place.at) && place.at.kind === "string";
  const near =
    value === undefined
      ? undefined
      : suggest({ file: c.file, at: place.at, written: value, candidates: choices, spell });
  const allowed =
    choices.length === 0
      ? "nothing"
      : someOf(
          choices.map((choice) => `\`${spell(choice)}\``),
          8,
          "or",
        );
  report(c, place, {
    code: "AF3003",
    message: `${leadOf(found, place)} must be ${allowed}, not ${value === undefined ? describe(found.source) : `\`${spell(value)}\``}`,
    help:
      near?.help ??
      (place.example === undefined
        ? "write one of these, or add the text to the type"
        : "write one of these"),
    fixes: isText ? near?.fixes : [],
  });
}

function reportField(c: Checker, found: Mismatch, place: MismatchPlace): void {
  const field = found.field ?? "";
  const part = found.path.length === 0 ? "this value" : "it";
  if (found.kind === "missing") {
    report(c, place, {
      code: "AF3001",
      message: `${leadOf(found, place)} must be ${describe(found.target)}, but ${part} has no field \`${field}\``,
      help: `it has ${someOf(fieldNames(found.source), 6)}`,
    });
    return;
  }
  report(c, place, {
    code: "AF3001",
    message: `${leadOf(found, place)} must be ${describe(found.target)}, but ${part} has a field \`${field}\` too many`,
    help: "build a record with the wanted fields only",
  });
}

function fieldNames(type: Type): string[] {
  return type.kind === "record"
    ? [...type.fields.keys()].map((name) => `\`${name}\``)
    : ["no fields"];
}

export function reportSecret(c: Checker, place: { readonly at: Expression | Name }): void {
  c.report({
    code: "AF6003",
    at: place.at,
    message: "a secret would leave the program here",
    help: "secrets may stand only in `auth`, `headers`, `secrets` and `apiKey`",
  });
}

function reportRefinement(c: Checker, found: Mismatch, place: MismatchPlace): void {
  const format =
    found.target.kind in textFormats
      ? textFormats[found.target.kind as keyof typeof textFormats]
      : undefined;
  report(c, place, {
    code: "AF3001",
    message: `${leadOf(found, place)} must be \`${short(found.target)}\`, which ${given(found.source)} never fits`,
    help:
      format === undefined
        ? (exampleHelp(place) ?? "change the value, or the range, length or pattern of the type")
        : `write it like \`"${format.example}"\``,
  });
}

function given(source: Type): string {
  if (source.kind === "literal") return `\`${JSON.stringify(source.value)}\``;
  if (
    "min" in source &&
    source.kind !== "string" &&
    source.kind !== "list" &&
    source.min !== null &&
    source.min === source.max
  ) {
    return `\`${numberText(source.kind, source.min)}\``;
  }
  if (source.kind === "list" && source.min !== null && source.min === source.max) {
    return source.min === 1 ? "a list of 1 item" : `a list of ${source.min} items`;
  }
  return `\`${short(source)}\``;
}

function reportFiller(c: Checker, found: Mismatch, place: MismatchPlace): void {
  if (found.source.kind !== "callable" || found.target.kind !== "role")
    return reportType(c, found, place);
  const names = c.world.fillerNames(found.target);
  const role = found.target.role.name;
  report(c, place, {
    code: "AF3001",
    message: `${place.what} takes who fills the role \`${short(found.target)}\`, and \`${found.source.symbol.name}\` does not`,
    help:
      names.length === 0
        ? `let it fill the role: \`${found.source.symbol.kind} ${found.source.symbol.name}: ${role} { … }\``
        : `${someOf(
            names.map((name) => `\`${name}\``),
            6,
          )} fill${names.length === 1 ? "s" : ""} it`,
  });
}

function reportType(c: Checker, found: Mismatch, place: MismatchPlace): void {
  const fixes = conversionFixes(c, found, place);
  report(c, place, {
    code: "AF3001",
    message: `${leadOf(found, place)} must be ${describe(found.target)}, not ${describe(found.source)}`,
    help:
      conversionHelp(found) ??
      exampleHelp(place) ??
      `change the value, or the type it has to fit, \`${short(found.target)}\``,
    fixes,
  });
}

function exampleHelp({ example }: MismatchPlace): string | undefined {
  return example === undefined ? undefined : `write it like \`${example}\``;
}

function conversionHelp(found: Mismatch): string | undefined {
  const { source, target } = found;
  if (target.kind === "string" && found.path.length === 0 && isPrintable(source))
    return 'write it into a text: `"${…}"`';
  const isNumber = source.kind === "int" || source.kind === "float";
  if (target.kind === "money" && isNumber) return "money is written with its sign: `$2.50`";
  if (target.kind === "duration" && isNumber)
    return "a length of time is written with its unit: `30s`, `5m`, `200ms`";
  if (target.kind === "int" && source.kind === "float")
    return "make it whole with `.round()`, `.floor()` or `.ceil()`";
  if (
    target.kind === "list" &&
    source.kind === "record" &&
    source.fields.get("ok")?.type.kind === "list"
  )
    return "with `tolerate`, what has succeeded is `.ok`, and the rest `.failed`";
  if (target.kind === "list" && sameSort(source, target.item)) return "put it into a list: `[…]`";
  if (source.kind === "list" && source.item.kind === target.kind)
    return "take one item, for example with `.first()`";
  if (source.kind === "callable" && target.kind !== "role")
    return `call it in a step: \`step result = ${source.symbol.name}(…)\``;
  return undefined;
}

function sameSort(source: Type, target: Type): boolean {
  return source.kind === target.kind || (source.kind === "literal" && target.kind === "string");
}

function isPrintable(type: Type): boolean {
  return ["int", "float", "bool", "money", "duration", "date", "time", "file", "percent"].includes(
    type.kind,
  );
}

function conversionFixes(c: Checker, found: Mismatch, place: MismatchPlace): Fix[] {
  if (found.path.length > 0 || isName(place.at)) return [];
  const { source, target } = found;
  if (target.kind === "string" && isPrintable(source) && place.at.kind === "literal") {
    const text =
      found.source.kind === "duration" || found.source.kind === "money" ? undefined : source;
    if (text !== undefined && "min" in text && text.min !== null) {
      return [
        {
          title: "write it as a text",
          edits: [replace(c.file, place.at, `"${String(text.min)}"`)],
          safe: false,
        },
      ];
    }
  }
  if (
    target.kind === "string" &&
    isPrintable(source) &&
    (place.at.kind === "name" || place.at.kind === "fieldAccess")
  ) {
    return [
      {
        title: "write it into a text",
        edits: [insert(c.file, place.at.start, '"${'), insert(c.file, place.at.end, '}"')],
        safe: false,
      },
    ];
  }
  return [];
}
