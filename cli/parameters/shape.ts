import type { Json } from "../../plan/expression.ts";
import type { JsonSchema } from "../../plan/plan.ts";
import { referredName } from "../../plan/schema-reference.ts";

/** A schema and the ones it refers to. */
export interface SchemaScope {
  readonly schemas: { readonly [name: string]: JsonSchema };
}

export interface Field {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly doc: string | undefined;
}

/** What a person has to type for a value of some schema. */
export type Shape =
  | {
      readonly kind:
        | "text"
        | "whole"
        | "number"
        | "bool"
        | "money"
        | "duration"
        | "date"
        | "time"
        | "email"
        | "url"
        | "file"
        | "json"
        | "null";
    }
  | { readonly kind: "choice"; readonly choices: readonly string[] }
  | { readonly kind: "list"; readonly item: JsonSchema }
  | { readonly kind: "record"; readonly fields: readonly Field[] }
  /** Records that a field with a literal tells apart. */
  | { readonly kind: "union"; readonly members: readonly JsonSchema[] };

export interface ShapeOfSchema {
  readonly shape: Shape;
  /** Null is allowed as well. */
  readonly nullable: boolean;
}

export function shapeOf(schema: JsonSchema, scope: SchemaScope): ShapeOfSchema {
  const referred = referredName(schema);
  if (referred !== undefined) return shapeOf(scope.schemas[referred] ?? {}, scope);
  if (!Array.isArray(schema["anyOf"]))
    return { shape: plainShape(schema), nullable: schema["type"] === "null" };
  const members = (schema["anyOf"] as readonly JsonSchema[]).map((member) => ({
    member,
    ...shapeOf(member, scope),
  }));
  const nullable = members.some((member) => member.nullable);
  const rest = members.filter(({ shape }) => shape.kind !== "null");
  const [only] = rest;
  if (only !== undefined && rest.length === 1) return { shape: only.shape, nullable };
  const choices = rest.flatMap(({ shape }) => (shape.kind === "choice" ? shape.choices : []));
  if (rest.every(({ shape }) => shape.kind === "choice"))
    return { shape: { kind: "choice", choices }, nullable };
  if (rest.every(({ shape }) => shape.kind === "record" || shape.kind === "union")) {
    const flat = rest.flatMap(({ member, shape }) =>
      shape.kind === "union" ? shape.members : [member],
    );
    return { shape: { kind: "union", members: flat }, nullable };
  }
  return { shape: { kind: "json" }, nullable };
}

function plainShape(schema: JsonSchema): Shape {
  const annotated = annotatedShape(schema["x-agentflow"]);
  if (annotated !== undefined) return annotated;
  if (typeof schema["const"] === "string") return { kind: "choice", choices: [schema["const"]] };
  if (Array.isArray(schema["enum"]))
    return { kind: "choice", choices: (schema["enum"] as readonly Json[]).map(String) };
  switch (schema["type"]) {
    case "string":
      return { kind: textKind(schema["format"]) };
    case "integer":
      return { kind: "whole" };
    case "number":
      return { kind: "number" };
    case "boolean":
      return { kind: "bool" };
    case "null":
      return { kind: "null" };
    case "array":
      return { kind: "list", item: (schema["items"] ?? {}) as JsonSchema };
    case "object":
      return { kind: "record", fields: fieldsOf(schema) };
    default:
      return { kind: "json" };
  }
}

function annotatedShape(annotation: Json | undefined): Shape | undefined {
  if (
    annotation === "money" ||
    annotation === "duration" ||
    annotation === "file" ||
    annotation === "json"
  ) {
    return { kind: annotation };
  }
  return undefined;
}

function textKind(format: Json | undefined): "text" | "date" | "time" | "email" | "url" {
  if (format === "date" || format === "email") return format;
  if (format === "date-time") return "time";
  return format === "uri" ? "url" : "text";
}

/** `required` holds every field in declared order. */
export function fieldsOf(schema: JsonSchema): readonly Field[] {
  const properties = (schema["properties"] ?? {}) as { readonly [name: string]: JsonSchema };
  const required = (schema["required"] ?? []) as readonly string[];
  const names = [
    ...required,
    ...Object.keys(properties).filter((name) => !required.includes(name)),
  ];
  return names.map((name) => {
    const field = properties[name] ?? {};
    const doc = field["description"];
    return { name, schema: field, doc: typeof doc === "string" ? doc : undefined };
  });
}

/** The literal field whose value selects a member, with the member it selects. */
export function memberChoices(
  members: readonly JsonSchema[],
  scope: SchemaScope,
):
  | {
      readonly field: string;
      readonly choices: readonly { readonly value: string; readonly member: JsonSchema }[];
    }
  | undefined {
  const records = members.map((member) => resolved(member, scope));
  const [first] = records;
  for (const { name } of first === undefined ? [] : fieldsOf(first)) {
    const choices = records.flatMap((record) =>
      literalsOf(record, name, scope).map((value) => ({ value, member: record })),
    );
    const everyMember = records.every((record) => literalsOf(record, name, scope).length > 0);
    if (everyMember && new Set(choices.map(({ value }) => value)).size === choices.length)
      return { field: name, choices };
  }
  return undefined;
}

function literalsOf(record: JsonSchema, name: string, scope: SchemaScope): readonly string[] {
  const field = fieldsOf(record).find((candidate) => candidate.name === name);
  if (field === undefined) return [];
  const { shape } = shapeOf(field.schema, scope);
  return shape.kind === "choice" ? shape.choices : [];
}

export function resolved(schema: JsonSchema, scope: SchemaScope): JsonSchema {
  const referred = referredName(schema);
  return referred === undefined ? schema : resolved(scope.schemas[referred] ?? {}, scope);
}
