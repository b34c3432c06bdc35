import { anyJson, list, object, oneOfTexts, part, tag, text, union, yes } from "./schema-parts.ts";
import type { SchemaParts } from "./schema-parts.ts";

const expression = part("Expression");

/** Every method, in the order of `Method`. */
export const methods = [
  "length",
  "map",
  "filter",
  "find",
  "any",
  "all",
  "count",
  "sum",
  "avg",
  "min",
  "max",
  "first",
  "last",
  "sortBy",
  "contains",
  "concat",
  "flat",
  "chunk",
  "take",
  "unique",
  "reverse",
  "join",
  "startsWith",
  "endsWith",
  "trim",
  "lower",
  "upper",
  "split",
  "round",
  "floor",
  "ceil",
  "abs",
  "date",
] as const;

const numberKind = part("NumberKind");

function binary(...operators: readonly string[]) {
  return object({ op: oneOfTexts(...operators), left: expression, right: expression });
}

export const expressionParts: SchemaParts = {
  NumberKind: oneOfTexts("int", "float", "money", "duration", "date", "time"),
  Expression: union("op", [
    object({ op: tag("value"), value: anyJson }),
    object({ op: tag("name"), name: text }),
    object({ op: tag("config"), name: text }),
    object({ op: tag("field"), of: expression, name: text }),
    object({ op: tag("index"), of: expression, at: expression }),
    object({ op: tag("optional"), of: expression, rest: expression }),
    object({ op: tag("it") }),
    object({ op: tag("record"), entries: list(part("RecordEntry")) }),
    object({ op: tag("list"), items: list(expression) }),
    object({ op: tag("template"), parts: list(part("TemplatePart")) }),
    object({ op: tag("not"), of: expression }),
    object({ op: tag("negate"), of: expression, as: numberKind }),
    object({
      op: oneOfTexts("add", "subtract", "multiply", "divide"),
      left: expression,
      right: expression,
      kinds: { type: "array", items: numberKind, minItems: 3, maxItems: 3 },
    }),
    object({
      op: oneOfTexts("less", "lessOrEqual", "greater", "greaterOrEqual"),
      left: expression,
      right: expression,
      as: numberKind,
    }),
    binary("equal", "notEqual", "and", "or", "coalesce"),
    object({ op: tag("if"), test: expression, then: expression, else: expression }),
    object(
      { op: tag("method"), name: oneOfTexts(...methods), of: expression },
      { argument: expression, lambda: object({ param: text, body: expression }), as: numberKind },
    ),
    object({ op: tag("checked"), of: expression, schema: text }),
  ]),
  RecordEntry: {
    anyOf: [object({ key: text, value: expression }), object({ spread: expression })],
  },
  TemplatePart: { anyOf: [text, part("PrintedValue")] },
  PrintedValue: object(
    {
      value: expression,
      print: oneOfTexts(
        "text",
        "number",
        "bool",
        "money",
        "duration",
        "date",
        "time",
        "file",
        "json",
      ),
    },
    { untrusted: yes },
  ),
};
