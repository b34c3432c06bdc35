import type { ErrorObject } from "ajv";

import { printPath } from "./problem.ts";
import type { Problem } from "./problem.ts";

/** Turns what ajv found into sentences about the value, without the validator's vocabulary. */
export function schemaProblems(errors: readonly ErrorObject[], value: unknown): readonly Problem[] {
  return placedProblems(errors, value).map(({ path, message }) => ({ path, message }));
}

export interface PlacedProblem extends Problem {
  readonly parts: readonly (string | number)[];
  /** The field that the schema does not know, null when something else is wrong. */
  readonly unknownField: string | null;
}

/** The same, with the place in the value. */
export function placedProblems(
  errors: readonly ErrorObject[],
  value: unknown,
): readonly PlacedProblem[] {
  const problems = new Map<string, PlacedProblem>();
  // Faults of union members hide behind their union; the deepest faults say what is really wrong.
  for (const error of relevant(errors)) {
    const parts = pointerParts(error.instancePath, value);
    const [path, message] = [printPath(parts), sentence(error, valueAt(value, parts))];
    const params = error.params as Readonly<Record<string, unknown>>;
    const unknownField =
      error.keyword === "additionalProperties" ? String(params["additionalProperty"]) : null;
    problems.set(`${path}\n${message}`, { path, message, parts, unknownField });
  }
  return [...problems.values()];
}

function relevant(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const precise = errors.filter((error) => error.keyword !== "anyOf" && error.keyword !== "oneOf");
  return precise.length > 0 ? precise : errors;
}

/** A JSON pointer says `0` for an item and for a key: only the value knows which is meant. */
function pointerParts(pointer: string, value: unknown): readonly (string | number)[] {
  const parts: (string | number)[] = [];
  let at = value;
  for (const raw of pointer.split("/").slice(1)) {
    const key = raw.replaceAll("~1", "/").replaceAll("~0", "~");
    parts.push(Array.isArray(at) ? Number(key) : key);
    at = child(at, key);
  }
  return parts;
}

function valueAt(value: unknown, parts: readonly (string | number)[]): unknown {
  return parts.reduce<unknown>((at, part) => child(at, String(part)), value);
}

function child(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

function sentence(error: ErrorObject, value: unknown): string {
  const params = error.params as Readonly<Record<string, unknown>>;
  const limit = String(params["limit"]);
  switch (error.keyword) {
    case "required":
      return `lacks \`${String(params["missingProperty"])}\``;
    case "additionalProperties":
      return `has an unknown field \`${String(params["additionalProperty"])}\``;
    case "type":
      return `must be ${typeWord(params["type"])}, not ${describe(value)}`;
    case "const":
      return `must be ${JSON.stringify(params["allowedValue"])}, not ${describe(value)}`;
    case "enum":
      return `must be one of ${(params["allowedValues"] as readonly unknown[]).map((allowed) => JSON.stringify(allowed)).join(", ")}, not ${describe(value)}`;
    case "discriminator":
      return `has a \`${String(params["tag"])}\` that selects no member: ${describe(params["tagValue"])}`;
    case "minimum":
      return `must be at least ${limit}, not ${describe(value)}`;
    case "maximum":
      return `must be at most ${limit}, not ${describe(value)}`;
    case "exclusiveMinimum":
      return `must be more than ${limit}, not ${describe(value)}`;
    case "exclusiveMaximum":
      return `must be less than ${limit}, not ${describe(value)}`;
    case "minLength":
      return `must have at least ${limit} characters`;
    case "maxLength":
      return `must have at most ${limit} characters`;
    case "minItems":
      return `must have at least ${limit} items`;
    case "maxItems":
      return `must have at most ${limit} items`;
    case "pattern":
      return `must match ${String(params["pattern"])}, not ${describe(value)}`;
    case "format":
      return `must be ${formatWord(String(params["format"]))}, not ${describe(value)}`;
    default:
      return `does not fit: ${error.message ?? error.keyword}`;
  }
}

function typeWord(type: unknown): string {
  const words: Readonly<Record<string, string>> = {
    string: "text",
    integer: "a whole number",
    number: "a number",
    boolean: "true or false",
    array: "a list",
    object: "a record",
    null: "null",
  };
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  return types.map((name) => words[String(name)] ?? String(name)).join(" or ");
}

function formatWord(format: string): string {
  const words: Readonly<Record<string, string>> = {
    email: "an e-mail address",
    uri: "a URL",
    date: "a date like 2026-11-20",
    "date-time": "a time like 2026-11-20T08:00:00Z",
  };
  return words[format] ?? `a ${format}`;
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "a record";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
