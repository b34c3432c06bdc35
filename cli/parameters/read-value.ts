import { parseDuration } from "../../base/duration.ts";
import type { Json } from "../../plan/expression.ts";
import type { JsonSchema } from "../../plan/plan.ts";
import { schemaText } from "../../plan/schema-text.ts";
import { UserMistake } from "../user-mistake.ts";
import { exampleValue } from "./example-value.ts";
import { resolved, shapeOf } from "./shape.ts";
import type { SchemaScope } from "./shape.ts";

export interface ValueContext {
  /** How the user names the place: `--topic`. */
  readonly place: string;
  readonly scope: SchemaScope;
  /** Reads a text file, relative to where the command was started. */
  readonly readText: (path: string) => string;
  /** Gives the value that stands for a file's bytes. */
  readonly takeFile: (path: string) => Json;
}

/** Turns what was typed for one value into JSON; the runner checks lengths and ranges. Throws `UserMistake`. */
export function readValue(typed: string, schema: JsonSchema, context: ValueContext): Json {
  const { shape, nullable } = shapeOf(schema, context.scope);
  if (nullable && typed === "null") return null;
  switch (shape.kind) {
    case "text":
    case "email":
    case "url":
    case "date":
    case "time":
      return typed;
    case "choice":
      return choiceOf(typed, shape.choices) ?? fail(typed, schema, context);
    case "whole":
      return /^[+-]?\d+$/.test(typed.trim()) ? Number(typed) : fail(typed, schema, context);
    case "number":
      return numberOf(typed) ?? fail(typed, schema, context);
    case "money":
      return numberOf(typed.replace(/^(-?)\$/, "$1")) ?? fail(typed, schema, context);
    case "duration":
      return parseDuration(typed) ?? fail(typed, schema, context);
    case "bool":
      return boolOf(typed) ?? fail(typed, schema, context);
    case "null":
      return typed === "null" ? null : fail(typed, schema, context);
    case "file":
      return context.takeFile(typed);
    case "list":
    case "record":
    case "union":
    case "json":
      return jsonOf(typed, schema, context);
  }
}

function numberOf(typed: string): number | undefined {
  const value = typed.trim() === "" ? Number.NaN : Number(typed);
  return Number.isFinite(value) ? value : undefined;
}

function boolOf(typed: string): boolean | undefined {
  if (["true", "yes", "y", "on", "1"].includes(typed.toLowerCase())) return true;
  return ["false", "no", "n", "off", "0"].includes(typed.toLowerCase()) ? false : undefined;
}

function choiceOf(typed: string, choices: readonly string[]): string | undefined {
  return (
    choices.find((choice) => choice === typed) ??
    choices.find((choice) => choice.toLowerCase() === typed.toLowerCase())
  );
}

function jsonOf(typed: string, schema: JsonSchema, context: ValueContext): Json {
  const text = typed.startsWith("@") ? context.readText(typed.slice(1)) : typed;
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    // Anything may stand where any JSON may stand, so plain text is meant as text.
    if (shapeOf(schema, context.scope).shape.kind === "json") return text;
    const why = error instanceof Error ? error.message : "";
    return fail(typed, schema, context, [`it is not JSON: ${why}`]);
  }
}

function fail(
  typed: string,
  schema: JsonSchema,
  context: ValueContext,
  hints: readonly string[] = [],
): never {
  const shown = typed.length > 60 ? `${typed.slice(0, 57)}…` : typed;
  throw new UserMistake(`${context.place} can't be \`${shown}\``, {
    hints: [
      ...hints,
      `it takes ${typeName(schema, context.scope)}`,
      `for example ${context.place} ${exampleValue(schema, context.scope)}`,
    ],
  });
}

/** The type as the language writes it, and what that means where a newcomer can't know. */
export function typeName(schema: JsonSchema, scope: SchemaScope): string {
  const written = schemaText(schema);
  const target = resolved(schema, scope);
  const name = target === schema ? written : `${written} = ${schemaText(target)}`;
  const words: Readonly<Record<string, string>> = {
    whole: "a whole number",
    number: "a number",
    bool: "true or false",
    money: "an amount in dollars",
    duration: "a duration",
    file: "the path of a file",
    list: "a list; give the flag once for each item",
  };
  const word = words[shapeOf(schema, scope).shape.kind];
  return word === undefined ? name : `${name}, ${word}`;
}
