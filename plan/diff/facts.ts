import { formatDuration } from "../../base/duration.ts";
import type { Expression, Json } from "../expression.ts";
import { expressionText } from "../expression-text.ts";

/** What can be said about one part of a plan: name of the property, in words, and its value as text. */
export type Facts = ReadonlyMap<string, string>;

/**
 * Flattens a part of a plan into facts. It takes every property that is not in `skip`, whatever it is called, so
 * that a diff can leave nothing out.
 */
export function factsOf(part: object, skip: readonly string[] = []): Facts {
  const facts = new Map<string, string>();
  for (const [key, value] of Object.entries(part)) {
    if (!skip.includes(key)) addFacts(facts, words[key] ?? key, key, value);
  }
  return facts;
}

/** The language's word for a property, where the plan calls it otherwise. */
const words: Readonly<Record<string, string>> = {
  doc: "description",
  params: "parameters",
  schema: "type",
  timeoutMs: "timeout",
  remindMs: "remind",
  pauseMs: "pause",
  debounceMs: "debounce",
  idleMs: "idle",
  ttlMs: "ttl",
  windowMs: "window",
  cooldownMs: "cooldown",
  withinMs: "within",
  timeMs: "time",
  fromMs: "shortest",
  toMs: "longest",
  perMs: "per",
  retryOn: "retried errors",
  maxTurns: "turns",
  waits: "waits for",
  outputWaits: "output waits for",
  callee: "calls",
  byStatus: "errors by status",
  inUrl: "parameters in the URL",
  test: "condition",
  then: "if true",
  else: "otherwise",
};

/** Containers that add nothing for a reader: `retry.attempts` is `attempts`. */
const transparent = new Set(["retry", "reach", "action", "body"]);

function addFacts(facts: Map<string, string>, name: string, key: string, value: unknown): void {
  if (value === undefined) return;
  if (typeof value !== "object" || value === null) {
    facts.set(
      name,
      key.endsWith("Ms") && typeof value === "number" ? formatDuration(value) : plainText(value),
    );
    return;
  }
  if (isExpression(value)) {
    facts.set(name, expressionFact(value, key));
    return;
  }
  if (Array.isArray(value)) {
    addList(facts, name, value);
    return;
  }
  for (const [inner, item] of Object.entries(value)) {
    if (inner === "steps" && "lets" in value) continue;
    const innerName = words[inner] ?? inner;
    addFacts(facts, transparent.has(key) ? innerName : `${name}.${innerName}`, inner, item);
  }
}

function addList(facts: Map<string, string>, name: string, list: readonly unknown[]): void {
  if (list.every((item) => typeof item !== "object" || item === null)) {
    facts.set(name, list.length === 0 ? "none" : list.map(plainText).join(", "));
    return;
  }
  list.forEach((item, index) => {
    const label = isNamed(item) ? item.name : String(index + 1);
    addFacts(facts, `${name}.${label}`, label, item);
  });
}

function isNamed(item: unknown): item is { readonly name: string } {
  return (
    typeof item === "object" &&
    item !== null &&
    "name" in item &&
    typeof item.name === "string" &&
    item.name !== ""
  );
}

function isExpression(value: object): value is Expression {
  return "op" in value && typeof value.op === "string";
}

function expressionFact(expression: Expression, key: string): string {
  if (expression.op === "value") return valueFact(expression.value, key);
  if (expression.op !== "template") return expressionText(expression);
  // Prompts keep their line breaks: they are compared line by line.
  return expression.parts
    .map((part) => (typeof part === "string" ? part : `\${${expressionText(part.value)}}`))
    .join("");
}

function valueFact(value: Json, key: string): string {
  return key.endsWith("Ms") && typeof value === "number"
    ? formatDuration(value)
    : JSON.stringify(value);
}

function plainText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
