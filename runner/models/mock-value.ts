import type { Json } from "../../plan/expression.ts";
import type { JsonSchema } from "../../plan/plan.ts";
import { referredName } from "../../plan/schema-reference.ts";
import { sentencesAbout, shorten, topicsOf } from "./mock-words.ts";
import { textMatching } from "./pattern-text.ts";

export interface MockContext {
  /** From 0 up to but not including 1; a seeded source makes the value repeatable. */
  readonly unit: () => number;
  /** What the model was asked: the answer takes up its words, literals and addresses. */
  readonly prompt: string;
}

/** A plausible value of a schema that stands alone, within all its constraints. */
export function mockValue(schema: JsonSchema, context: MockContext): Json {
  const definitions = (schema["$defs"] ?? {}) as { readonly [name: string]: JsonSchema };
  return new ValueMaker(definitions, context).make(schema, "", []);
}

type SchemaMap = { readonly [name: string]: JsonSchema };
type JsonRecord = { readonly [name: string]: Json };

class ValueMaker {
  readonly definitions: SchemaMap;
  readonly unit: () => number;
  readonly prompt: string;
  readonly topics: readonly string[];

  constructor(definitions: SchemaMap, context: MockContext) {
    this.definitions = definitions;
    this.unit = context.unit;
    this.prompt = context.prompt;
    this.topics = topicsOf(context.prompt);
  }

  /** `earlier` are the items of the list made so far, for fields that refer to them. */
  make(given: JsonSchema, name: string, earlier: readonly Json[]): Json {
    const schema = this.resolve(given);
    if (Array.isArray(schema["anyOf"]))
      return this.union(schema["anyOf"] as readonly JsonSchema[], name);
    if (schema["const"] !== undefined) return schema["const"];
    if (Array.isArray(schema["enum"])) return this.literal(schema["enum"] as readonly Json[]);
    switch (schema["type"]) {
      case "object":
        return this.record(schema, earlier);
      case "array":
        return this.list(schema, name, earlier);
      case "string":
        return this.text(schema, name);
      case "integer":
      case "number":
        return this.number(schema);
      case "boolean":
        return this.unit() < 0.75;
      case "null":
        return null;
      default:
        return { note: sentencesAbout(this.topics, this.unit, 1) };
    }
  }

  resolve(schema: JsonSchema): JsonSchema {
    const name = referredName(schema);
    if (name === undefined) return schema;
    const { $ref: _, ...own } = schema;
    const key = Object.keys(this.definitions).find((entry) => entry === name);
    return { ...this.resolve(key === undefined ? {} : (this.definitions[key] ?? {})), ...own };
  }

  union(members: readonly JsonSchema[], name: string): Json {
    const real = members.filter((member) => this.resolve(member)["type"] !== "null");
    if (real.length < members.length && this.unit() < 0.3) return null;
    const chosen = real[Math.floor(this.unit() * real.length)];
    return chosen === undefined ? null : this.make(chosen, name, []);
  }

  /** Prefers what the prompt quotes: a choice among all is often narrowed there. */
  literal(allowed: readonly Json[]): Json {
    const quoted = allowed.filter(
      (value) => typeof value === "string" && this.prompt.includes(`"${value}"`),
    );
    const choices = quoted.length > 0 ? quoted : allowed;
    return choices[Math.floor(this.unit() * choices.length)] ?? null;
  }

  record(schema: JsonSchema, earlier: readonly Json[]): Json {
    const properties = (schema["properties"] ?? {}) as SchemaMap;
    const made: Record<string, Json> = {};
    for (const [name, property] of Object.entries(properties))
      made[name] = this.make(property, name, earlier);
    return made;
  }

  list(schema: JsonSchema, name: string, earlier: readonly Json[]): Json {
    const low = typeof schema["minItems"] === "number" ? schema["minItems"] : 0;
    const high = typeof schema["maxItems"] === "number" ? schema["maxItems"] : low + 3;
    const items = (schema["items"] ?? {}) as JsonSchema;
    const ids = this.referenceIds(schema, name, earlier);
    if (ids !== undefined) return ids.slice(0, Math.min(high, 2));
    const wanted = Math.max(
      low,
      Math.min(high, low + Math.floor(this.unit() * 3), Math.max(low, 4)),
    );
    const made: Json[] = [];
    for (let attempt = 0; made.length < wanted && attempt < wanted * 8; attempt += 1) {
      const item = this.make(items, singular(name), made);
      if (!made.some((other) => clashes(other, item))) made.push(item);
      else if (attempt >= wanted * 4) made.push(item);
    }
    return made;
  }

  /** A list that names other items by id can only name ones that exist, and earlier ones can't form a cycle. */
  referenceIds(
    schema: JsonSchema,
    name: string,
    earlier: readonly Json[],
  ): readonly Json[] | undefined {
    const items = this.resolve((schema["items"] ?? {}) as JsonSchema);
    const described = typeof schema["description"] === "string" ? schema["description"] : "";
    if (
      items["type"] !== "string" ||
      !(/^(needs|depends_?on|requires)$/i.test(name) || /\bids? of\b/i.test(described))
    ) {
      return undefined;
    }
    const ids = earlier.flatMap((item) =>
      isRecord(item) && typeof item["id"] === "string" ? [item["id"]] : [],
    );
    return ids.filter(() => this.unit() < 0.5);
  }

  text(schema: JsonSchema, name: string): string {
    const { pattern, format, minLength, maxLength } = schema;
    if (typeof pattern === "string") return this.matching(pattern, schema);
    if (typeof format === "string") return this.formatted(format);
    const high = typeof maxLength === "number" ? maxLength : Number.POSITIVE_INFINITY;
    const topic = this.topics[Math.floor(this.unit() * this.topics.length)] ?? "Example";
    if (/(^|_)(id|key|code|ref)$|Id$|Key$/.test(name))
      return shorten(`${slug(topic)}-${this.integer(100, 999)}`, high);
    if (/^(title|name|headline|subject|label)$|Name$|Title$/.test(name)) {
      return shorten(sentencesAbout(this.topics, this.unit, 1).replace(/[.;:].*$/, ""), high);
    }
    const long = /markdown|report|body|content|article|text/i.test(name);
    let text = sentencesAbout(this.topics, this.unit, long ? 3 : 1);
    if (/markdown/i.test(name)) text = `# ${topic}\n\n${text}`;
    while (typeof minLength === "number" && [...text].length < minLength) {
      text += ` ${sentencesAbout(this.topics, this.unit, 2)}`;
    }
    return shorten(text, high);
  }

  matching(pattern: string, schema: JsonSchema): string {
    const { minLength, maxLength } = schema;
    const expression = new RegExp(pattern, "u");
    const topic = slug(
      this.topics[Math.floor(this.unit() * Math.min(6, this.topics.length))] ?? "",
    );
    if (
      expression.test(topic) &&
      topic.length >= Number(minLength ?? 0) &&
      topic.length <= Number(maxLength ?? 40)
    )
      return topic;
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const text = textMatching(pattern, this.unit);
      if (text === undefined || !expression.test(text)) continue;
      if (typeof minLength === "number" && text.length < minLength) continue;
      if (typeof maxLength === "number" && text.length > maxLength) continue;
      return text;
    }
    return slug(this.topics[0] ?? "example");
  }

  formatted(format: string): string {
    switch (format) {
      case "uri": {
        const known = this.prompt.match(/https?:\/\/[^\s"'<>\\)\]]+/g) ?? [];
        const place = slug(this.topics[Math.floor(this.unit() * this.topics.length)] ?? "page");
        return known[Math.floor(this.unit() * known.length)] ?? `https://example.com/${place}`;
      }
      case "email":
        return this.prompt.match(/[\w.+-]+@[\w-]+\.[\w.-]*\w/)?.[0] ?? "ada@example.com";
      case "date":
        return `2026-${two(this.integer(1, 12))}-${two(this.integer(1, 28))}`;
      case "date-time":
        return `2026-${two(this.integer(1, 12))}-${two(this.integer(1, 28))}T08:00:00.000Z`;
      default:
        return sentencesAbout(this.topics, this.unit, 1);
    }
  }

  /** In the upper part of its range: most ranges are scores, and most loops end when a score is good enough. */
  number(schema: JsonSchema): number {
    const low = typeof schema["minimum"] === "number" ? schema["minimum"] : undefined;
    const high = typeof schema["maximum"] === "number" ? schema["maximum"] : undefined;
    const from = low ?? (high === undefined ? 1 : Math.min(0, high));
    const to = high ?? from + 99;
    const position =
      low !== undefined && high !== undefined ? 0.55 + this.unit() * 0.4 : this.unit();
    const value = from + (to - from) * position;
    if (schema["type"] === "integer")
      return Math.min(to, Math.max(Math.ceil(from), Math.round(value)));
    const rounded = Math.round(value * 100) / 100;
    return rounded >= from && rounded <= to ? rounded : value;
  }

  integer(from: number, to: number): number {
    return from + Math.floor(this.unit() * (to - from + 1));
  }
}

function clashes(one: Json, other: Json): boolean {
  if (isRecord(one) && isRecord(other) && typeof one["id"] === "string")
    return one["id"] === other["id"];
  return typeof one === "string" && one === other;
}

function isRecord(value: Json): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function singular(name: string): string {
  return name.replace(/s$/, "");
}

function slug(text: string): string {
  const plain = text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return plain === "" ? "example" : plain;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
