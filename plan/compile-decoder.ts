import { decodeText } from "./decode-text.ts";
import type { Json } from "./expression.ts";
import { isOfForm, longFrom, noteForm, type ListForm } from "./known-lists.ts";
import type { JsonSchema, Program } from "./plan.ts";
import { printPath } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { referredName } from "./schema-reference.ts";

/** Gives the value in its proper form; what is wrong with it is reported to `decoding`. */
export type Decoder = (value: Json, decoding: Decoding) => Json;

/** A fraction of a millisecond. */
const itemsPerStep = 256;

type JsonRecord = { readonly [key: string]: Json };

/** A long list whose items are decoded after the rest, in steps. */
interface ListJob {
  readonly list: readonly Json[];
  readonly decoded: Json[];
  readonly decode: Decoder;
  readonly form: ListForm;
  readonly path: readonly (string | number)[];
}

/** One decoding: where it stands, and what it has found. */
export class Decoding {
  readonly dropsExtraFields: boolean;
  readonly problems: Problem[] = [];
  readonly path: (string | number)[] = [];
  /** Long lists that are left for later; null when none is. */
  readonly later: ListJob[] | null;

  constructor(dropsExtraFields: boolean, later: ListJob[] | null = null) {
    this.dropsExtraFields = dropsExtraFields;
    this.later = later;
  }

  /** Decodes the lists that were left for later. */
  *steps(): Generator<void, void> {
    for (const { list, decoded, decode, path } of this.later ?? []) {
      this.path.splice(0, this.path.length, ...path);
      for (const [index, item] of list.entries()) {
        this.path.push(index);
        decoded[index] = decode(item, this);
        this.path.pop();
        if (index % itemsPerStep === itemsPerStep - 1) yield;
      }
    }
    // Any list may hold another one that turned out to be wrong.
    if (this.problems.length > 0) return;
    for (const { decoded, form } of this.later ?? []) noteForm(decoded, form);
  }

  report(message: string): null {
    this.problems.push({ path: printPath(this.path), message });
    return null;
  }
}

/** `decoderOf` gives the decoder of another schema by name; it is asked late, because schemas may refer to each other. */
export function compileDecoder(
  schema: JsonSchema,
  decoderOf: (name: string) => Decoder,
  schemas: Program["schemas"],
): Decoder {
  const referred = referredName(schema);
  if (referred !== undefined) {
    let target: Decoder | undefined;
    return (value, decoding) => (target ??= decoderOf(referred))(value, decoding);
  }
  const inner = (of: JsonSchema): Decoder => compileDecoder(of, decoderOf, schemas);
  if (Array.isArray(schema["anyOf"]))
    return unionDecoder(schema["anyOf"] as JsonSchema[], inner, schemas);
  if (schema["const"] !== undefined) return literalDecoder([schema["const"]]);
  if (Array.isArray(schema["enum"])) return literalDecoder(schema["enum"] as Json[]);
  switch (schema["type"]) {
    case "object":
      return recordDecoder(schema, inner, schemas);
    case "array":
      return listDecoder(schema, inner, schemas);
    case "string":
      return textDecoder(schema);
    case "integer":
    case "number":
      return numberDecoder(schema);
    case "boolean":
      return (value, decoding) =>
        typeof value === "boolean"
          ? value
          : decoding.report(`must be true or false, not ${show(value)}`);
    case "null":
      return (value, decoding) =>
        value === null ? null : decoding.report(`must be null, not ${show(value)}`);
    default:
      return (value) => value;
  }
}

function recordDecoder(
  schema: JsonSchema,
  inner: (of: JsonSchema) => Decoder,
  schemas: Program["schemas"],
): Decoder {
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, JsonSchema>>;
  const fields = fieldOrder(schema).map((name) => {
    const property = properties[name] ?? {};
    return { name, decode: inner(property), nullable: isNullable(property, schemas) };
  });
  const closed = schema["additionalProperties"] === false;
  return (value, decoding) => {
    if (!isRecord(value)) return decoding.report(`must be a record, not ${show(value)}`);
    const decoded: Record<string, Json> = {};
    let found = 0;
    for (const { name, decode, nullable } of fields) {
      const given = Object.hasOwn(value, name) ? value[name] : undefined;
      if (given !== undefined) {
        found += 1;
        decoding.path.push(name);
        decoded[name] = decode(given, decoding);
        decoding.path.pop();
      } else if (nullable) decoded[name] = null;
      else decoding.report(`lacks \`${name}\``);
    }
    if (closed && !decoding.dropsExtraFields)
      refuseExtraFields(value, { properties, found, decoding });
    return decoded;
  };
}

function refuseExtraFields(
  value: JsonRecord,
  known: { readonly properties: JsonSchema; readonly found: number; readonly decoding: Decoding },
): void {
  const names = Object.keys(value);
  if (names.length === known.found) return;
  for (const name of names) {
    if (!Object.hasOwn(known.properties, name))
      known.decoding.report(`has an unknown field \`${name}\``);
  }
}

function listDecoder(
  schema: JsonSchema,
  inner: (of: JsonSchema) => Decoder,
  schemas: Program["schemas"],
): Decoder {
  const { minItems, maxItems } = schema;
  const items = (schema["items"] ?? {}) as JsonSchema;
  const decode = inner(items);
  const decodeLong = longListDecoder(decode, { schemas, items: [JSON.stringify(items)] });
  return (value, decoding) => {
    if (!Array.isArray(value)) return decoding.report(`must be a list, not ${show(value)}`);
    const list = value as readonly Json[];
    if (typeof minItems === "number" && list.length < minItems) {
      decoding.report(`must have at least ${minItems} items, not ${list.length}`);
    }
    if (typeof maxItems === "number" && list.length > maxItems) {
      decoding.report(`must have at most ${maxItems} items, not ${list.length}`);
    }
    return list.length < longFrom
      ? decodeItems(list, decode, decoding)
      : decodeLong(list, decoding);
  };
}

function decodeItems(list: readonly Json[], decode: Decoder, decoding: Decoding): Json[] {
  return list.map((item, index) => {
    decoding.path.push(index);
    const decoded = decode(item, decoding);
    decoding.path.pop();
    return decoded;
  });
}

function longListDecoder(
  decode: Decoder,
  form: ListForm,
): (list: readonly Json[], decoding: Decoding) => Json {
  return (list, decoding) => {
    if (isOfForm(list, form)) return list;
    if (decoding.later !== null) {
      const decoded: Json[] = [];
      decoding.later.push({ list, decoded, decode, form, path: [...decoding.path] });
      return decoded;
    }
    const before = decoding.problems.length;
    const decoded = decodeItems(list, decode, decoding);
    if (decoding.problems.length === before) noteForm(decoded, form);
    return decoded;
  };
}

function textDecoder(schema: JsonSchema): Decoder {
  const { minLength, maxLength, pattern, format } = schema;
  if (
    minLength === undefined &&
    maxLength === undefined &&
    pattern === undefined &&
    format === undefined
  ) {
    return (value, decoding) =>
      typeof value === "string" ? value : decoding.report(`must be text, not ${show(value)}`);
  }
  return (value, decoding) => {
    if (typeof value !== "string") return decoding.report(`must be text, not ${show(value)}`);
    const decoded = decodeText(schema, value);
    return decoded.ok ? decoded.text : decoding.report(decoded.message);
  };
}

function numberDecoder(schema: JsonSchema): Decoder {
  const whole = schema["type"] === "integer";
  const money = schema["x-agentflow"] === "money";
  const { minimum, maximum } = schema;
  return (value, decoding) => {
    if (typeof value !== "number" || (whole && !Number.isSafeInteger(value))) {
      return decoding.report(
        `must be ${whole ? "a whole number" : "a number"}, not ${show(value)}`,
      );
    }
    if (typeof minimum === "number" && value < minimum)
      return decoding.report(`must be at least ${minimum}, not ${value}`);
    if (typeof maximum === "number" && value > maximum)
      return decoding.report(`must be at most ${maximum}, not ${value}`);
    return money ? Math.round(value * 1_000_000) / 1_000_000 : value;
  };
}

function literalDecoder(allowed: readonly Json[]): Decoder {
  return (value, decoding) => {
    if (allowed.includes(value)) return value;
    const choices = allowed.map((choice) => JSON.stringify(choice)).join(", ");
    return decoding.report(
      `must be ${allowed.length > 1 ? "one of " : ""}${choices}, not ${show(value)}`,
    );
  };
}

/** A nullable type, or records told apart by a literal field: the member that was meant reports its faults. */
function unionDecoder(
  members: readonly JsonSchema[],
  inner: (of: JsonSchema) => Decoder,
  schemas: Program["schemas"],
): Decoder {
  const all = members.map((member) => ({
    resolved: resolve(member, schemas),
    decode: inner(member),
  }));
  const nulls = all.filter(({ resolved }) => resolved["type"] === "null");
  const others = all.filter(({ resolved }) => resolved["type"] !== "null");
  return (value, decoding) => {
    const candidates = value === null ? nulls : others;
    if (candidates.length === 1 && candidates[0] !== undefined)
      return candidates[0].decode(value, decoding);
    const chosen = candidates.filter(
      ({ resolved }) => isRecord(value) && literalsAgree(resolved, value, schemas),
    );
    if (chosen.length === 1 && chosen[0] !== undefined) return chosen[0].decode(value, decoding);
    for (const { decode } of candidates) {
      const attempt = new Decoding(decoding.dropsExtraFields);
      const decoded = decode(value, attempt);
      if (attempt.problems.length === 0) return decoded;
    }
    return decoding.report(
      `is none of the ${members.length} kinds of value allowed here: ${show(value)}`,
    );
  };
}

/** `required` holds every field in declared order, and unlike `properties` it survives sorting of keys. */
function fieldOrder(schema: JsonSchema): readonly string[] {
  const required = (schema["required"] ?? []) as readonly string[];
  const rest = Object.keys((schema["properties"] ?? {}) as object).filter(
    (name) => !required.includes(name),
  );
  return [...required, ...rest];
}

function resolve(schema: JsonSchema, schemas: Program["schemas"]): JsonSchema {
  const referred = referredName(schema);
  return referred === undefined ? schema : resolve(schemas[referred] ?? {}, schemas);
}

function isNullable(schema: JsonSchema, schemas: Program["schemas"]): boolean {
  const { type, anyOf } = resolve(schema, schemas);
  if (type === "null") return true;
  return (
    Array.isArray(anyOf) && (anyOf as JsonSchema[]).some((member) => isNullable(member, schemas))
  );
}

function literalsAgree(
  member: JsonSchema,
  value: JsonRecord,
  schemas: Program["schemas"],
): boolean {
  const properties = (member["properties"] ?? {}) as Readonly<Record<string, JsonSchema>>;
  return Object.entries(properties).every(([name, property]) => {
    const { const: only, enum: choices } = resolve(property, schemas);
    const given = value[name];
    if (only !== undefined) return given === only;
    return (
      !Array.isArray(choices) ||
      (given !== undefined && (choices as readonly Json[]).includes(given))
    );
  });
}

function isRecord(value: Json): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: Json): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "a record";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
