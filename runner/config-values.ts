import { parseDuration } from "../base/duration.ts";
import { decodeValue } from "../plan/decode-value.ts";
import type { Json } from "../plan/expression.ts";
import type { ConfigPlan, JsonSchema, Program } from "../plan/plan.ts";
import { schemaText } from "../plan/schema-text.ts";

export interface ConfigValues {
  /** Without the secret ones: these may be journalled. */
  readonly open: { readonly [name: string]: Json };
  readonly secret: { readonly [name: string]: Json };
  /** What is missing or wrong, all of it. */
  readonly problems: readonly { readonly path: string; readonly message: string }[];
}

/**
 * Values of `config`: from the environment variable, else from the program's settings for the environment, else
 * the default. `needed` are those that must have one, and what needs them; of the others, what can be found is given.
 */
export function resolveConfig(options: {
  readonly program: Program;
  readonly environment: string;
  readonly variables: { readonly [name: string]: string | undefined };
  readonly needed: ReadonlyMap<string, string>;
}): ConfigValues {
  const { program, environment, variables, needed } = options;
  const open: Record<string, Json> = {};
  const secret: Record<string, Json> = {};
  const problems: { readonly path: string; readonly message: string }[] = [];
  for (const [name, plan] of Object.entries(program.config)) {
    const schema = program.schemas[plan.schema] ?? {};
    const text = variables[plan.variable];
    const given =
      text === undefined || text === ""
        ? (program.environments[environment]?.[name] ?? plan.default)
        : parseVariable(text, schema);
    if (given === undefined) {
      const by = needed.get(name);
      if (by !== undefined)
        problems.push({ path: `config.${name}`, message: missing(plan, schema, by) });
      continue;
    }
    const decoded = decodeValue(program.schemas, plan.schema, given);
    if (decoded.ok) (plan.secret ? secret : open)[name] = decoded.value;
    else if (needed.has(name))
      problems.push({ path: `config.${name}`, message: wrong(plan, decoded.problems) });
  }
  return { open, secret, problems };
}

function missing(plan: ConfigPlan, schema: JsonSchema, by: string): string {
  const doc = plan.doc === undefined ? "" : `: ${plan.doc.trim()}`;
  return `is not set, and ${by} needs it; give it by the environment variable ${plan.variable} (${schemaText(schema)})${doc}`;
}

/** A secret's value must not be shown, and the decoder's words quote it. */
function wrong(plan: ConfigPlan, problems: readonly { readonly message: string }[]): string {
  if (plan.secret) return `has a value in ${plan.variable} that does not fit its type`;
  return `${problems.map((problem) => problem.message).join(", ")}; it is set by the environment variable ${plan.variable}`;
}

/** A variable is text; what it means depends on the type. */
function parseVariable(text: string, schema: JsonSchema): Json {
  const kind = schema["x-agentflow"];
  if (kind === "duration") return parseDuration(text.trim()) ?? text;
  if (kind === "money") return numberOr(text.trim().replace(/^\$/, ""), text);
  switch (schema["type"]) {
    case "string":
      return text;
    case "integer":
    case "number":
      return numberOr(text.trim(), text);
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    default:
      if (Array.isArray(schema["enum"]) || schema["const"] !== undefined) return text;
      return jsonOr(text);
  }
}

function numberOr(digits: string, text: string): Json {
  return /^-?\d+(\.\d+)?$/.test(digits) ? Number(digits) : text;
}

function jsonOr(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
