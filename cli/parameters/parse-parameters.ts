import { didYouMean } from "../../base/did-you-mean.ts";
import type { Json } from "../../plan/expression.ts";
import type { JsonSchema } from "../../plan/plan.ts";
import { UserMistake } from "../user-mistake.ts";
import { exampleValue } from "./example-value.ts";
import { readValue, typeName } from "./read-value.ts";
import type { ValueContext } from "./read-value.ts";
import { fieldsOf, resolved, shapeOf } from "./shape.ts";
import type { SchemaScope } from "./shape.ts";

export interface ParameterFlags extends Omit<ValueContext, "place"> {
  /** Schema of the record that the flags fill. */
  readonly schema: JsonSchema;
  /** What the flags belong to, for messages: `flow hello`. */
  readonly owner: string;
}

interface Flag {
  readonly name: string;
  /** Null: nothing was given, which is true for a bool. */
  readonly values: readonly string[] | null;
  readonly negated: boolean;
}

type Values = Record<string, Json>;

/** Reads `--topic "bees" --tag a --tag b --order.total 12` by a record's schema. Throws `UserMistake`. */
export function parseParameters(words: readonly string[], context: ParameterFlags): Values {
  const values: Values = {};
  for (const flag of flagsOf(words, context)) {
    const path = pathOf(flag.name, context);
    const schema = schemaAt(path, context.schema, context.scope) ?? unknownFlag(flag.name, context);
    put(values, path, valueOf(flag, schema, context), isList(schema, context.scope));
  }
  return values;
}

function flagsOf(words: readonly string[], context: ParameterFlags): readonly Flag[] {
  const flags: Flag[] = [];
  let index = words[0] === "--" ? 1 : 0;
  while (index < words.length) {
    const word = words[index] ?? "";
    index += 1;
    const match = /^--(no-)?([^=]+)(?:=(.*))?$/s.exec(word);
    if (match === null) {
      if (word === "--") continue;
      refuseValueOfBool(word, flags.at(-1), context);
      throw new UserMistake(`\`${word}\` is neither a flag nor the value of one`, {
        hints: [`parameters of ${context.owner} are written --name value`],
      });
    }
    const [, no, name = "", inline] = match;
    if (inline !== undefined) {
      flags.push({ name, values: [inline], negated: no !== undefined });
      continue;
    }
    const values: string[] = [];
    const schema = schemaAt(pathOf(name, context), context.schema, context.scope);
    const many = schema !== undefined && isList(schema, context.scope);
    while (
      index < words.length &&
      takesNext(words[index] ?? "", values.length, { many, schema, context })
    ) {
      values.push(words[index] ?? "");
      index += 1;
    }
    flags.push({ name, values: values.length === 0 ? null : values, negated: no !== undefined });
  }
  return flags;
}

/** `--strict maybe`: the word was meant for the switch before it. */
function refuseValueOfBool(word: string, flag: Flag | undefined, context: ParameterFlags): void {
  if (flag === undefined || flag.values !== null || flag.negated) return;
  const schema = schemaAt(pathOf(flag.name, context), context.schema, context.scope);
  if (schema === undefined || shapeOf(schema, context.scope).shape.kind !== "bool") return;
  readValue(word, schema, { ...context, place: `--${flag.name}` });
}

/** A bool takes only a word that says so; a list takes what a shell makes of `*.pdf`. */
function takesNext(
  word: string,
  taken: number,
  flag: {
    readonly many: boolean;
    readonly schema: JsonSchema | undefined;
    readonly context: ParameterFlags;
  },
): boolean {
  if (word.startsWith("--") || (taken > 0 && !flag.many)) return false;
  if (flag.schema === undefined || shapeOf(flag.schema, flag.context.scope).shape.kind !== "bool")
    return true;
  return /^(true|false|yes|no|on|off|0|1)$/i.test(word);
}

function valueOf(flag: Flag, schema: JsonSchema, context: ParameterFlags): Json {
  const place = `--${flag.name}`;
  const { shape } = shapeOf(schema, context.scope);
  if (shape.kind === "bool" && flag.values === null) return !flag.negated;
  if (flag.negated && shape.kind !== "bool") unknownFlag(`no-${flag.name}`, context);
  if (flag.values === null) {
    throw new UserMistake(`${place} needs a value`, {
      hints: [
        `it takes ${typeName(schema, context.scope)}`,
        `for example ${place} ${exampleValue(schema, context.scope)}`,
      ],
    });
  }
  const [first = ""] = flag.values;
  if (shape.kind !== "list" || first.startsWith("[") || first.startsWith("@"))
    return readValue(first, schema, { ...context, place });
  return flag.values.map((value) => readValue(value, shape.item, { ...context, place }));
}

/** `--card-token` means `cardToken`; a dot goes into a record. */
function pathOf(name: string, { schema, scope }: ParameterFlags): readonly string[] {
  const path: string[] = [];
  for (const part of name.split(".")) {
    const names = fieldNames(schemaAt(path, schema, scope), scope);
    const camel = part.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    path.push(names.includes(part) || !names.includes(camel) ? part : camel);
  }
  return path;
}

function schemaAt(
  path: readonly string[],
  schema: JsonSchema,
  scope: SchemaScope,
): JsonSchema | undefined {
  let at: JsonSchema = schema;
  for (const name of path) {
    const next = recordsOf(at, scope)
      .flatMap((record) => fieldsOf(record))
      .filter((field) => field.name === name);
    const [first] = next;
    if (first === undefined) return undefined;
    // The literal that tells members apart differs in each: all of them may be typed.
    at = next.length === 1 ? first.schema : { anyOf: next.map((field) => field.schema) };
  }
  return at;
}

function fieldNames(schema: JsonSchema | undefined, scope: SchemaScope): readonly string[] {
  if (schema === undefined) return [];
  return [
    ...new Set(
      recordsOf(schema, scope).flatMap((record) => fieldsOf(record).map(({ name }) => name)),
    ),
  ];
}

function recordsOf(schema: JsonSchema, scope: SchemaScope): readonly JsonSchema[] {
  const { shape } = shapeOf(schema, scope);
  if (shape.kind === "union") return shape.members.map((member) => resolved(member, scope));
  if (shape.kind !== "record") return [];
  const target = resolved(schema, scope);
  const members = target["anyOf"];
  if (!Array.isArray(members)) return [target];
  return (members as readonly JsonSchema[]).flatMap((member) => recordsOf(member, scope));
}

function isList(schema: JsonSchema, scope: SchemaScope): boolean {
  return shapeOf(schema, scope).shape.kind === "list";
}

function put(values: Values, path: readonly string[], value: Json, append: boolean): void {
  const [name = "", ...rest] = path;
  const old = values[name];
  if (rest.length > 0) {
    const inner: Values = {
      ...(typeof old === "object" && old !== null && !Array.isArray(old) ? (old as Values) : {}),
    };
    put(inner, rest, value, append);
    values[name] = inner;
  } else if (append && Array.isArray(old) && Array.isArray(value)) {
    values[name] = [...(old as readonly Json[]), ...(value as readonly Json[])];
  } else {
    values[name] = value;
  }
}

/** The parameters, or the fields of the record that a dotted flag goes into. */
function flagNames(name: string, context: ParameterFlags): readonly string[] {
  const outer = name.split(".").slice(0, -1).join(".");
  const record =
    outer === "" ? undefined : schemaAt(pathOf(outer, context), context.schema, context.scope);
  return record === undefined
    ? fieldNames(context.schema, context.scope)
    : fieldNames(record, context.scope).map((field) => `${outer}.${field}`);
}

function unknownFlag(name: string, context: ParameterFlags): never {
  const [meant] = didYouMean(name, flagNames(name, context));
  const shown = recordsOf(context.schema, context.scope).flatMap((record) => fieldsOf(record));
  const list = shown.map((field) => `--${field.name} ${typeName(field.schema, context.scope)}`);
  throw new UserMistake(`${context.owner} has no parameter \`${name}\``, {
    hints: [
      ...(meant === undefined ? [] : [`did you mean --${meant}?`]),
      ...(list.length === 0
        ? [`${context.owner} takes no parameters`]
        : ["its parameters are", ...list.map((line) => `  ${line}`)]),
    ],
  });
}
