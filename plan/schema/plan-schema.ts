import type { JsonSchema } from "../plan.ts";
import { planFormat, planVersion } from "../plan.ts";
import { callableParts } from "./callable-schema.ts";
import { expressionParts } from "./expression-schema.ts";
import { flowParts } from "./flow-schema.ts";
import { anyJson, bool, count, object, part, recordOf, text, texts } from "./schema-parts.ts";

/**
 * JSON Schema 2020-12 of a plan document. `plan.schema.json` beside this folder is the same schema as a
 * file, for other languages' validators; a test keeps the two equal.
 */
export const planSchema: JsonSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: "urn:agentflow:plan:1",
  title: "agentflow execution plan, version 1",
  ...object({
    format: { const: planFormat },
    version: { const: planVersion },
    hash: { type: "string", pattern: "^[0-9a-f]{64}$" },
    program: part("Program"),
    source: part("Source"),
  }),
  $defs: {
    Program: object({
      config: recordOf(part("Config")),
      environments: recordOf(recordOf(anyJson)),
      schemas: recordOf({ type: "object" }),
      models: recordOf(part("Model")),
      roles: recordOf(part("Role")),
      agents: recordOf(part("Agent")),
      tools: recordOf(part("Tool")),
      flows: recordOf(part("Flow")),
    }),
    Source: object({
      files: texts,
      spans: recordOf({ type: "array", items: count, minItems: 5, maxItems: 5 }),
    }),
    Config: object({ schema: text, secret: bool, variable: text }, { default: anyJson, doc: text }),
    ...expressionParts,
    ...callableParts,
    ...flowParts,
  },
};
