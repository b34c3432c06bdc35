import type { JsonSchema } from "../../plan/plan.ts";
import type { SchemaScope } from "../parameters/shape.ts";

/** The schema of a question is a document of its own, with what it refers to in `$defs`. */
export function scopeOf(schema: JsonSchema): SchemaScope {
  return { schemas: (schema["$defs"] ?? {}) as SchemaScope["schemas"] };
}
