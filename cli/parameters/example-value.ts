import type { JsonSchema } from "../../plan/plan.ts";
import { fieldsOf, memberChoices, shapeOf } from "./shape.ts";
import type { SchemaScope, Shape } from "./shape.ts";

/** A value of the schema as one would type it in a shell: `5`, `"some text"`, `'{ "id": "…" }'`. */
export function exampleValue(schema: JsonSchema, scope: SchemaScope): string {
  const { shape } = shapeOf(schema, scope);
  switch (shape.kind) {
    case "text":
      return '"some text"';
    case "choice":
      return shape.choices[0] ?? "text";
    case "money":
      return "12.50";
    case "duration":
      return "5m";
    case "file":
      return "./document.pdf";
    case "list":
      return exampleValue(shape.item, scope);
    case "record":
    case "union":
    case "json":
      return `'${JSON.stringify(exampleJson(schema, scope, 0))}'`;
    default:
      return String(exampleJson(schema, scope, 0));
  }
}

function exampleJson(schema: JsonSchema, scope: SchemaScope, depth: number): unknown {
  const { shape } = shapeOf(schema, scope);
  if (depth > 3) return null;
  switch (shape.kind) {
    case "list":
      return [exampleJson(shape.item, scope, depth + 1)];
    case "record":
      return Object.fromEntries(
        shape.fields.map(({ name, schema: field }) => [name, exampleJson(field, scope, depth + 1)]),
      );
    case "union": {
      const member =
        memberChoices(shape.members, scope)?.choices[0]?.member ?? shape.members[0] ?? {};
      return exampleJson(
        { ...member, required: fieldsOf(member).map(({ name }) => name) },
        scope,
        depth + 1,
      );
    }
    default:
      return plainExample(shape, schema);
  }
}

function plainExample(shape: Shape, schema: JsonSchema): unknown {
  const minimum = typeof schema["minimum"] === "number" ? schema["minimum"] : undefined;
  switch (shape.kind) {
    case "choice":
      return shape.choices[0];
    case "whole":
      return Math.ceil(minimum ?? 5);
    case "number":
      return minimum ?? 0.5;
    case "bool":
      return true;
    case "money":
      return 12.5;
    case "duration":
      return 300_000;
    case "date":
      return "2026-11-20";
    case "time":
      return "2026-11-20T08:00:00Z";
    case "email":
      return "ada@example.com";
    case "url":
      return "https://example.com/";
    case "null":
    case "json":
      return null;
    default:
      return "text";
  }
}
