import type { Json, SchemaReference } from "../../plan/expression.ts";
import type { JsonSchema } from "../../plan/plan.ts";
import { referTo } from "../../plan/schema-reference.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type {
  ListType,
  NumberType,
  RecordType,
  StringType,
  Type,
  UnionType,
} from "../types/type.ts";

/** What a schema needs to know of the program: who fills a role, what a type is called in the plan. */
export interface SchemaNames {
  /** Names of the fillers with their doc comments, sorted. */
  fillersOf(role: GlobalSymbol): readonly { readonly name: string; readonly doc: string | null }[];
  /** Adds a declared type to the plan and gives its name there. */
  declared(type: RecordType | UnionType): SchemaReference;
}

/** The schema of a type at a place that uses it: declared types are referred to, all others are written out. */
export function schemaOfType(type: Type, names: SchemaNames): JsonSchema {
  switch (type.kind) {
    case "record":
    case "union":
      return type.declared === null ? schemaOfBody(type, names) : referTo(names.declared(type));
    case "optional":
      return { anyOf: [schemaOfType(type.inner, names), { type: "null" }] };
    case "list":
      return listSchema(type, names);
    case "string":
      return stringSchema(type);
    case "literal":
      return { type: "string", const: type.value };
    case "int":
    case "float":
    case "money":
    case "duration":
      return numberSchema(type);
    case "role":
      return roleSchema(type.role, names);
    case "callable":
      return { type: "string", const: type.symbol.name };
    default:
      return simpleSchema(type.kind);
  }
}

/** The schema of a record or union itself: what stands under a declared type's name. */
export function schemaOfBody(type: RecordType | UnionType, names: SchemaNames): JsonSchema {
  const description = type.doc === null ? {} : { description: type.doc };
  if (type.kind === "record")
    return { ...recordSchema(type.fields.values(), names), ...description };
  if (type.tag === null) return { ...literalsSchema(type), ...description };
  const members = type.members.map((member, index) => {
    const doc = type.docs[index];
    const schema = schemaOfType(member, names);
    return doc === null || doc === undefined ? schema : { ...schema, description: doc };
  });
  return { anyOf: members, ...description };
}

export interface SchemaField {
  readonly name: string;
  readonly type: Type;
  readonly doc: string | null;
}

export function recordSchema(fields: Iterable<SchemaField>, names: SchemaNames): JsonSchema {
  const properties = new Map<string, JsonSchema>();
  for (const field of fields) {
    const schema = schemaOfType(field.type, names);
    properties.set(field.name, field.doc === null ? schema : { ...schema, description: field.doc });
  }
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    required: [...properties.keys()],
    additionalProperties: false,
  };
}

function literalsSchema(type: UnionType): JsonSchema {
  const values = type.members.flatMap((member) =>
    member.kind === "literal" ? [member.value] : [],
  );
  const docs = values.flatMap((value, index) => docLine(value, type.docs[index] ?? null));
  return {
    type: "string",
    enum: values,
    ...(docs.length === 0 ? {} : { description: docs.join("\n") }),
  };
}

function roleSchema(role: GlobalSymbol, names: SchemaNames): JsonSchema {
  const fillers = names.fillersOf(role);
  const docs = fillers.flatMap((filler) => docLine(filler.name, filler.doc));
  return {
    type: "string",
    enum: fillers.map((filler) => filler.name),
    ...(docs.length === 0 ? {} : { description: docs.join("\n") }),
    "x-agentflow": `role:${role.name}`,
  };
}

/** Providers show a model the values of an enum without words about each, so the words go into the description. */
function docLine(value: string, doc: string | null): readonly string[] {
  return doc === null ? [] : [`${value}: ${doc.replaceAll("\n", " ")}`];
}

function listSchema(type: ListType, names: SchemaNames): JsonSchema {
  return {
    type: "array",
    items: schemaOfType(type.item, names),
    ...limit("minItems", type.min === 0 ? null : type.min),
    ...limit("maxItems", type.max),
  };
}

function stringSchema(type: StringType): JsonSchema {
  return {
    type: "string",
    ...limit("minLength", type.min === 0 ? null : type.min),
    ...limit("maxLength", type.max),
    ...(type.pattern === null ? {} : { pattern: type.pattern }),
  };
}

/** Bounds of money are micro-dollars in a type and dollars in a schema. */
function numberSchema(type: NumberType): JsonSchema {
  const unit = type.kind === "money" ? 1_000_000 : 1;
  return {
    type: type.kind === "int" || type.kind === "duration" ? "integer" : "number",
    ...limit("minimum", type.min === null ? null : type.min / unit),
    ...limit("maximum", type.max === null ? null : type.max / unit),
    ...(type.kind === "money" || type.kind === "duration" ? { "x-agentflow": type.kind } : {}),
  };
}

function limit(key: string, value: number | null): { readonly [key: string]: Json } {
  return value === null || !Number.isFinite(value) ? {} : { [key]: value };
}

const fileSchema: JsonSchema = {
  type: "object",
  properties: {
    name: { type: "string" },
    mime: { type: "string" },
    size: { type: "integer", minimum: 0 },
    sha256: { type: "string", pattern: "^[0-9a-f]{64}$" },
  },
  required: ["name", "mime", "size", "sha256"],
  additionalProperties: false,
  "x-agentflow": "file",
};

type SimpleKind = Exclude<
  Type["kind"],
  | "record"
  | "union"
  | "optional"
  | "list"
  | "string"
  | "literal"
  | "int"
  | "float"
  | "money"
  | "duration"
  | "role"
  | "callable"
>;

function simpleSchema(kind: SimpleKind): JsonSchema {
  switch (kind) {
    case "bool":
      return { type: "boolean" };
    case "url":
      return { type: "string", format: "uri" };
    case "email":
      return { type: "string", format: "email" };
    case "date":
      return { type: "string", format: "date" };
    case "time":
      return { type: "string", format: "date-time" };
    case "file":
      return fileSchema;
    case "secret":
      return { type: "string", "x-agentflow": "secret" };
    case "code":
      return { type: "string" };
    case "rate":
    case "percent":
      return { type: "number" };
    case "null":
    case "never":
      return { type: "null" };
    case "json":
    case "error":
    case "typeParameter":
    case "model":
    case "span":
      return { "x-agentflow": "json" };
  }
}
