import type { Json } from "../../plan/expression.ts";
import type { JsonSchema } from "../../plan/plan.ts";

export interface StrictSchema {
  readonly schema: JsonSchema;
  /** False when some part may be anything, which strict modes do not allow. */
  readonly strict: boolean;
  /** The root had to be put into a record under `wrapperField`. */
  readonly wrapped: boolean;
}

export const wrapperField = "answer";

/** Keywords that strict modes refuse or ignore. They are told in words instead, and checked by the caller. */
const refinements = new Set([
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "pattern",
  "format",
  "minItems",
  "maxItems",
  "uniqueItems",
  "default",
  "examples",
  "title",
  "x-agentflow",
  "$schema",
  "$id",
]);

/**
 * What the strict structured-output modes of providers accept, for a schema that stands alone: every field
 * required, no other fields, a record at the root, no refinements.
 */
export function strictSchema(schema: JsonSchema): StrictSchema {
  let strict = true;
  const convert = (value: JsonSchema): JsonSchema => {
    if (Object.keys(value).every((key) => key === "description" || key.startsWith("x-")))
      strict = false;
    const result: Record<string, Json> = {};
    for (const [key, part] of Object.entries(value)) {
      if (refinements.has(key) || key === "$defs") continue;
      else if (key === "const") result["enum"] = [part];
      else if (key === "properties") result[key] = mapRecord(part as SchemaMap, convert);
      else if (key === "items") result[key] = convert(part as JsonSchema);
      else if (key === "anyOf" || key === "oneOf")
        result["anyOf"] = (part as JsonSchema[]).map(convert);
      else result[key] = part;
    }
    if (value["type"] === "object") {
      result["additionalProperties"] = false;
      result["required"] = Object.keys((value["properties"] ?? {}) as SchemaMap);
      if (value["properties"] === undefined) strict = false;
    }
    const words = inWords(value);
    const { description } = value;
    if (words !== "")
      result["description"] = typeof description === "string" ? `${description} (${words})` : words;
    return result;
  };
  const { $defs, ...root } = schema;
  const definitions = $defs === undefined ? {} : { $defs: mapRecord($defs as SchemaMap, convert) };
  const converted = convert(root);
  const wrapped = converted["type"] !== "object";
  if (!wrapped) return { schema: { ...converted, ...definitions }, strict, wrapped };
  const properties = { [wrapperField]: converted };
  const record = {
    type: "object",
    properties,
    required: [wrapperField],
    additionalProperties: false,
  };
  return { schema: { ...record, ...definitions }, strict, wrapped };
}

type SchemaMap = { readonly [name: string]: JsonSchema };

function mapRecord(record: SchemaMap, convert: (schema: JsonSchema) => JsonSchema): SchemaMap {
  return Object.fromEntries(
    Object.entries(record).map(([name, schema]) => [name, convert(schema)]),
  );
}

/** The removed refinements as a model reads them best. */
function inWords(schema: JsonSchema): string {
  const words = [
    range(schema["minimum"], schema["maximum"], ""),
    range(schema["minLength"], schema["maxLength"], " characters"),
    range(schema["minItems"], schema["maxItems"], " items"),
  ];
  if (typeof schema["pattern"] === "string") words.push(`matches ${schema["pattern"]}`);
  if (typeof schema["format"] === "string")
    words.push(formatWords[schema["format"]] ?? schema["format"]);
  const kind = schema["x-agentflow"];
  if (typeof kind === "string") words.push(kindWords[kind] ?? "");
  return words.filter((part) => part !== "").join(", ");
}

const formatWords: { readonly [format: string]: string } = {
  uri: "an absolute URL",
  email: "an e-mail address",
  date: "a date like 2026-11-20",
  "date-time": "a time like 2026-11-20T08:00:00Z",
};

const kindWords: { readonly [kind: string]: string } = {
  money: "in US dollars",
  duration: "in milliseconds",
};

function range(from: Json | undefined, to: Json | undefined, unit: string): string {
  if (typeof from === "number" && typeof to === "number") {
    return from === to ? `exactly ${from}${unit}` : `${from} to ${to}${unit}`;
  }
  if (typeof from === "number") return `at least ${from}${unit}`;
  return typeof to === "number" ? `at most ${to}${unit}` : "";
}
