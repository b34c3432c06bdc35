import type { DeclaredName, NumberType, RecordType, StringType, Type } from "./type.ts";

/** A type as the language writes it; declared types by their name. */
export function typeText(type: Type): string {
  switch (type.kind) {
    case "error":
      return "unknown";
    case "string":
      return stringText(type);
    case "literal":
      return JSON.stringify(type.value);
    case "int":
    case "float":
    case "money":
    case "duration":
      return `${type.kind}${inParentheses(rangeText(type.min, type.max, unitOf(type.kind)))}`;
    case "list":
      return `${atom(type.item)}[${rangeText(type.min, type.max, String)}]`;
    case "record":
      return type.declared === null ? recordText(type) : declaredText(type.declared);
    case "union":
      return type.declared === null
        ? type.members.map(typeText).join(" | ")
        : declaredText(type.declared);
    case "optional":
      return `${atom(type.inner)}?`;
    case "role":
      return `${type.role.name}${argsText(type.args)}`;
    case "typeParameter":
      return type.name;
    case "callable":
    case "model":
      return `${type.kind === "model" ? "model" : type.symbol.kind} ${type.symbol.name}`;
    case "span":
      return `${typeText(type.of)}..${typeText(type.of)}`;
    default:
      return type.kind;
  }
}

/** `Post`, `Reviewed<Post>`. */
export function declaredText(declared: DeclaredName): string {
  return `${declared.name}${argsText(declared.args)}`;
}

/** Tells one use of a declared type from any other: its id and the keys of its arguments. */
export function declaredKey(declared: DeclaredName): string {
  return declared.args.length === 0
    ? declared.id
    : `${declared.id}<${declared.args.map(typeKey).join(", ")}>`;
}

/** Equal for equal types and different for different ones, also when their names are equal. */
export function typeKey(type: Type): string {
  switch (type.kind) {
    case "record":
      if (type.declared !== null) return declaredKey(type.declared);
      return `{ ${[...type.fields.values()].map((field) => `${field.name}: ${typeKey(field.type)}`).join(", ")} }`;
    case "union":
      return type.declared === null
        ? type.members.map(typeKey).join(" | ")
        : declaredKey(type.declared);
    case "list":
      return `(${typeKey(type.item)})[${rangeText(type.min, type.max, String)}]`;
    case "optional":
      return `(${typeKey(type.inner)})?`;
    case "role":
      return type.args.length === 0
        ? type.role.id
        : `${type.role.id}<${type.args.map(typeKey).join(", ")}>`;
    case "typeParameter":
      return type.id;
    case "callable":
    case "model":
      return type.symbol.id;
    default:
      return typeText(type);
  }
}

function recordText(type: RecordType): string {
  if (type.fields.size === 0) return "{}";
  return `{ ${[...type.fields.values()].map((field) => `${field.name}: ${typeText(field.type)}`).join(", ")} }`;
}

function stringText(type: StringType): string {
  if (type.pattern !== null) return `string(${JSON.stringify(type.pattern)})`;
  return `string${inParentheses(rangeText(type.min, type.max, String))}`;
}

function rangeText(
  min: number | null,
  max: number | null,
  unit: (bound: number) => string,
): string {
  if (min === null && max === null) return "";
  if (min === max && min !== null) return unit(min);
  return `${min === null ? "" : unit(min)}..${max === null ? "" : unit(max)}`;
}

function unitOf(kind: NumberType["kind"]): (bound: number) => string {
  if (kind === "money") return (bound) => `${bound < 0 ? "-" : ""}$${Math.abs(bound) / 1_000_000}`;
  if (kind === "duration") return durationText;
  return String;
}

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** The largest unit that divides it, as the language writes durations. */
export function durationText(ms: number): string {
  for (const [unit, size] of units) if (ms !== 0 && ms % size === 0) return `${ms / size}${unit}`;
  return `${ms}ms`;
}

function argsText(args: readonly Type[]): string {
  return args.length === 0 ? "" : `<${args.map(typeText).join(", ")}>`;
}

function atom(type: Type): string {
  const text = typeText(type);
  return text.includes(" | ") && !text.startsWith("{") ? `(${text})` : text;
}

function inParentheses(inner: string): string {
  return inner === "" ? "" : `(${inner})`;
}
