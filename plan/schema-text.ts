import type { JsonSchema } from "./plan.ts";
import { referredName } from "./schema-reference.ts";

/** A schema as the language writes the type: `float(0..1)`, `"a" | "b"`, `{ id: string, note: string? }`, `Hit[..5]`. */
export function schemaText(schema: JsonSchema): string {
  const referred = referredName(schema);
  if (referred !== undefined) return referred;
  if (Array.isArray(schema["anyOf"])) return unionText(schema["anyOf"] as readonly JsonSchema[]);
  const annotation = schema["x-agentflow"];
  if (typeof annotation === "string") return annotatedText(annotation, schema);
  if (schema["const"] !== undefined) return JSON.stringify(schema["const"]);
  if (Array.isArray(schema["enum"]))
    return schema["enum"].map((choice) => JSON.stringify(choice)).join(" | ");
  switch (schema["type"]) {
    case "object":
      return recordText(schema);
    case "array":
      return `${atom(schemaText((schema["items"] ?? {}) as JsonSchema))}[${range(schema["minItems"], schema["maxItems"])}]`;
    case "string":
      return stringText(schema);
    case "integer":
      return `int${inParentheses(range(schema["minimum"], schema["maximum"]))}`;
    case "number":
      return `float${inParentheses(range(schema["minimum"], schema["maximum"]))}`;
    case "boolean":
      return "bool";
    case "null":
      return "null";
    default:
      return "json";
  }
}

function annotatedText(annotation: string, schema: JsonSchema): string {
  if (annotation.startsWith("role:")) return annotation.slice("role:".length);
  return `${annotation}${inParentheses(range(schema["minimum"], schema["maximum"]))}`;
}

function unionText(members: readonly JsonSchema[]): string {
  const others = members.filter((member) => member["type"] !== "null").map(schemaText);
  const text = others.join(" | ");
  return others.length < members.length ? `${atom(text)}?` : text;
}

function recordText(schema: JsonSchema): string {
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, JsonSchema>>;
  const names = (schema["required"] ?? Object.keys(properties)) as readonly string[];
  if (names.length === 0) return "{}";
  return `{ ${names.map((name) => `${name}: ${schemaText(properties[name] ?? {})}`).join(", ")} }`;
}

const formats: Readonly<Record<string, string>> = {
  email: "email",
  uri: "url",
  date: "date",
  "date-time": "time",
};

function stringText(schema: JsonSchema): string {
  const { format, pattern, minLength, maxLength } = schema;
  if (typeof format === "string") return formats[format] ?? "string";
  if (typeof pattern === "string") return `string(${JSON.stringify(pattern)})`;
  return `string${inParentheses(range(minLength, maxLength))}`;
}

function range(from: unknown, to: unknown): string {
  if (from === undefined && to === undefined) return "";
  return from === to ? String(from) : `${text(from)}..${text(to)}`;
}

function text(bound: unknown): string {
  return typeof bound === "number" ? String(bound) : "";
}

function inParentheses(inner: string): string {
  return inner === "" ? "" : `(${inner})`;
}

function atom(type: string): string {
  return type.includes(" | ") && !type.startsWith("{") ? `(${type})` : type;
}
