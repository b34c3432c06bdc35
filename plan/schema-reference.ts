import type { SchemaReference } from "./expression.ts";
import type { JsonSchema, Program } from "./plan.ts";

const prefix = "#/$defs/";

/** How one schema of a program refers to another: a JSON pointer into `$defs`, percent-encoded as a fragment must be. */
export function referTo(name: SchemaReference): JsonSchema {
  return { $ref: prefix + encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1")) };
}

/** Name of the schema that `schema` refers to, undefined if it is no reference. */
export function referredName(schema: JsonSchema): SchemaReference | undefined {
  const reference = schema["$ref"];
  if (typeof reference !== "string" || !reference.startsWith(prefix)) return undefined;
  return decodeURIComponent(reference.slice(prefix.length))
    .replaceAll("~1", "/")
    .replaceAll("~0", "~");
}

/**
 * A JSON Schema document that needs nothing beside it: the schema called `name`, with every schema it refers to in
 * `$defs`. This is what a model provider or a form is given.
 */
export function standaloneSchema(schemas: Program["schemas"], name: SchemaReference): JsonSchema {
  const root = schemas[name] ?? {};
  const definitions: Record<string, JsonSchema> = {};
  collect(root, schemas, definitions);
  const names = Object.keys(definitions).sort();
  if (names.length === 0) return root;
  return { ...root, $defs: Object.fromEntries(names.map((key) => [key, definitions[key] ?? {}])) };
}

function collect(
  value: unknown,
  schemas: Program["schemas"],
  found: Record<string, JsonSchema>,
): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, schemas, found);
    return;
  }
  const name = referredName(value as JsonSchema);
  const schema = name === undefined ? undefined : schemas[name];
  if (name !== undefined && schema !== undefined && !Object.hasOwn(found, name)) {
    found[name] = schema;
    collect(schema, schemas, found);
  }
  for (const inner of Object.values(value)) collect(inner, schemas, found);
}
