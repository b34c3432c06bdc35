import { decodeText } from "./decode-text.ts";
import type { Json } from "./expression.ts";
import type { JsonSchema, Program } from "./plan.ts";
import { printPath } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { referredName } from "./schema-reference.ts";

export type Decoded =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface DecodeOptions {
  /** Of a tool's answer, fields that nobody declared are dropped; a model's answer with such fields is refused. */
  readonly extraFields: "drop" | "refuse";
}

/**
 * Checks a value that crosses a boundary against a schema of the program, and brings it into the form that
 * expressions and prompts rely on: record fields in declared order, nullable fields that were left out as null,
 * times in UTC with milliseconds, money with six decimals at most.
 *
 * `schema` is the name of an entry of `schemas`. Only the keywords that the compiler writes are known here.
 */
export function decodeValue(
  schemas: Program["schemas"],
  schema: string,
  value: Json,
  options: DecodeOptions = { extraFields: "refuse" },
): Decoded {
  const decoder = new Decoder(schemas, options);
  const decoded = decoder.decode(schemas[schema] ?? {}, value, []);
  return decoder.problems.length === 0
    ? { ok: true, value: decoded }
    : { ok: false, problems: decoder.problems };
}

type Path = readonly (string | number)[];
type JsonRecord = { readonly [key: string]: Json };

class Decoder {
  readonly problems: Problem[] = [];
  readonly schemas: Program["schemas"];
  readonly options: DecodeOptions;

  constructor(schemas: Program["schemas"], options: DecodeOptions) {
    this.schemas = schemas;
    this.options = options;
  }

  decode(schema: JsonSchema, value: Json, path: Path): Json {
    const referred = referredName(schema);
    if (referred !== undefined) return this.decode(this.schemas[referred] ?? {}, value, path);
    if (Array.isArray(schema["anyOf"])) return this.decodeUnion(schema["anyOf"] as JsonSchema[], value, path);
    if (schema["const"] !== undefined) return this.decodeLiteral([schema["const"]], value, path);
    if (Array.isArray(schema["enum"])) return this.decodeLiteral(schema["enum"] as Json[], value, path);
    switch (schema["type"]) {
      case "object":
        return this.decodeRecord(schema, value, path);
      case "array":
        return this.decodeList(schema, value, path);
      case "string":
        return this.decodeString(schema, value, path);
      case "integer":
      case "number":
        return this.decodeNumber(schema, value, path);
      case "boolean":
        return typeof value === "boolean" ? value : this.report(path, `must be true or false, not ${show(value)}`);
      case "null":
        return value === null ? null : this.report(path, `must be null, not ${show(value)}`);
      default:
        return value;
    }
  }

  decodeRecord(schema: JsonSchema, value: Json, path: Path): Json {
    if (!isRecord(value)) return this.report(path, `must be a record, not ${show(value)}`);
    const properties = (schema["properties"] ?? {}) as Readonly<Record<string, JsonSchema>>;
    const decoded: Record<string, Json> = {};
    for (const name of fieldOrder(schema)) {
      const property = properties[name] ?? {};
      const given = Object.hasOwn(value, name) ? value[name] : undefined;
      if (given !== undefined) decoded[name] = this.decode(property, given, [...path, name]);
      else if (isNullable(property, this.schemas)) decoded[name] = null;
      else this.report(path, `lacks \`${name}\``);
    }
    if (schema["additionalProperties"] === false && this.options.extraFields === "refuse") {
      for (const name of Object.keys(value)) {
        if (!Object.hasOwn(properties, name)) this.report(path, `has an unknown field \`${name}\``);
      }
    }
    return decoded;
  }

  decodeList(schema: JsonSchema, value: Json, path: Path): Json {
    if (!Array.isArray(value)) return this.report(path, `must be a list, not ${show(value)}`);
    const { minItems, maxItems } = schema;
    if (typeof minItems === "number" && value.length < minItems) {
      this.report(path, `must have at least ${minItems} items, not ${value.length}`);
    }
    if (typeof maxItems === "number" && value.length > maxItems) {
      this.report(path, `must have at most ${maxItems} items, not ${value.length}`);
    }
    const items = (schema["items"] ?? {}) as JsonSchema;
    return (value as readonly Json[]).map((item, index) => this.decode(items, item, [...path, index]));
  }

  decodeString(schema: JsonSchema, value: Json, path: Path): Json {
    if (typeof value !== "string") return this.report(path, `must be text, not ${show(value)}`);
    const decoded = decodeText(schema, value);
    return decoded.ok ? decoded.text : this.report(path, decoded.message);
  }

  decodeNumber(schema: JsonSchema, value: Json, path: Path): Json {
    const whole = schema["type"] === "integer";
    if (typeof value !== "number" || (whole && !Number.isSafeInteger(value))) {
      return this.report(path, `must be ${whole ? "a whole number" : "a number"}, not ${show(value)}`);
    }
    const { minimum, maximum } = schema;
    if (typeof minimum === "number" && value < minimum) {
      return this.report(path, `must be at least ${minimum}, not ${value}`);
    }
    if (typeof maximum === "number" && value > maximum) {
      return this.report(path, `must be at most ${maximum}, not ${value}`);
    }
    return schema["x-agentflow"] === "money" ? Math.round(value * 1_000_000) / 1_000_000 : value;
  }

  decodeLiteral(allowed: readonly Json[], value: Json, path: Path): Json {
    if (allowed.includes(value)) return value;
    const choices = allowed.map((choice) => JSON.stringify(choice)).join(", ");
    return this.report(path, `must be ${allowed.length > 1 ? "one of " : ""}${choices}, not ${show(value)}`);
  }

  /** A nullable type, or records told apart by a literal field: the member that was meant reports its faults. */
  decodeUnion(members: readonly JsonSchema[], value: Json, path: Path): Json {
    const resolved = members.map((member) => resolve(member, this.schemas));
    const candidates = resolved.filter((member) => (member["type"] === "null") === (value === null));
    if (candidates.length === 1 && candidates[0] !== undefined) return this.decode(candidates[0], value, path);
    const chosen = candidates.filter((member) => isRecord(value) && literalsAgree(member, value, this.schemas));
    if (chosen.length === 1 && chosen[0] !== undefined) return this.decode(chosen[0], value, path);
    for (const member of candidates) {
      const attempt = new Decoder(this.schemas, this.options);
      const decoded = attempt.decode(member, value, path);
      if (attempt.problems.length === 0) return decoded;
    }
    return this.report(path, `is none of the ${members.length} kinds of value allowed here: ${show(value)}`);
  }

  report(path: Path, message: string): null {
    this.problems.push({ path: printPath(path), message });
    return null;
  }
}

/** `required` holds every field in declared order, and unlike `properties` it survives sorting of keys. */
function fieldOrder(schema: JsonSchema): readonly string[] {
  const required = (schema["required"] ?? []) as readonly string[];
  const rest = Object.keys((schema["properties"] ?? {}) as object).filter((name) => !required.includes(name));
  return [...required, ...rest];
}

function resolve(schema: JsonSchema, schemas: Program["schemas"]): JsonSchema {
  const referred = referredName(schema);
  return referred === undefined ? schema : resolve(schemas[referred] ?? {}, schemas);
}

function isNullable(schema: JsonSchema, schemas: Program["schemas"]): boolean {
  const { type, anyOf } = resolve(schema, schemas);
  if (type === "null") return true;
  return Array.isArray(anyOf) && (anyOf as JsonSchema[]).some((member) => isNullable(member, schemas));
}

function literalsAgree(member: JsonSchema, value: JsonRecord, schemas: Program["schemas"]): boolean {
  const properties = (member["properties"] ?? {}) as Readonly<Record<string, JsonSchema>>;
  return Object.entries(properties).every(([name, property]) => {
    const { const: only, enum: choices } = resolve(property, schemas);
    const given = value[name];
    if (only !== undefined) return given === only;
    return !Array.isArray(choices) || (given !== undefined && (choices as readonly Json[]).includes(given));
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
