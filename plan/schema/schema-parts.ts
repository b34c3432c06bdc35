import type { JsonSchema } from "../plan.ts";

/** Named parts of the plan's schema, one for each interface of `plan.ts` and `expression.ts`. */
export type SchemaParts = { readonly [name: string]: JsonSchema };

type Properties = { readonly [name: string]: JsonSchema };

export const text: JsonSchema = { type: "string" };
export const bool: JsonSchema = { type: "boolean" };
export const yes: JsonSchema = { const: true };
export const anyJson: JsonSchema = {};
/** Whole and not negative: milliseconds, counts, offsets. */
export const count: JsonSchema = { type: "integer", minimum: 0 };
export const number: JsonSchema = { type: "number" };
export const texts: JsonSchema = list(text);

/** A record that has all of `required`, may have `optional`, and nothing else. */
export function object(required: Properties, optional: Properties = {}): JsonSchema {
  return {
    type: "object",
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

export function list(items: JsonSchema): JsonSchema {
  return { type: "array", items };
}

/** A record whose keys are names that the program chose. */
export function recordOf(values: JsonSchema): JsonSchema {
  return { type: "object", additionalProperties: values };
}

export function oneOfTexts(...values: readonly string[]): JsonSchema {
  return { type: "string", enum: values };
}

export function tag(value: string): JsonSchema {
  return { const: value };
}

export function nullable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: "null" }] };
}

export function part(name: string): JsonSchema {
  return { $ref: `#/$defs/${name}` };
}

/**
 * A union told apart by the field `field`. Validators that know `discriminator` report the faults of
 * the member that was meant; all others read the plain `oneOf`.
 */
export function union(field: string, members: readonly JsonSchema[]): JsonSchema {
  return {
    type: "object",
    discriminator: { propertyName: field },
    required: [field],
    oneOf: members,
  };
}
