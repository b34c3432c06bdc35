import { sha256 } from "../../base/sha256.ts";
import { equalityKey } from "../../plan/evaluate/equality.ts";
import type { Json } from "../../plan/expression.ts";
import type { JsonSchema } from "../../plan/plan.ts";
import { referredName } from "../../plan/schema-reference.ts";
import type { NearCalls } from "./activity.ts";
import type { CallState } from "./act-state.ts";
import type { CallCode } from "./code.ts";
import { cachePlan } from "./finish-call.ts";
import type { RunState } from "./run-state.ts";

/**
 * What a call that is cached by similarity is compared by: its texts by what they say, all else by being equal. Ids, numbers and
 * choices that differ make a different call, however similar the rest. Null without similarity, or without texts.
 */
export function nearCalls(run: RunState, code: CallCode, act: CallState): NearCalls | null {
  const { callee, args } = act;
  const cache = callee === null ? null : cachePlan(run, code, callee);
  if (callee === null || callee.kind === "flow" || cache?.similarity === undefined) return null;
  const { agents, tools } = run.program;
  const own = callee.kind === "agent" ? agents.get(callee.name) : tools.get(callee.name);
  if (own === undefined) return null;
  const { schemas } = run.program.program;
  const texts: string[] = [];
  const rest: Record<string, Json> = {};
  for (const { name, schema } of own.params) {
    const value = args[name] ?? null;
    if (typeof value === "string" && isText(schemas, schemas[schema] ?? {})) {
      texts.push(value);
      rest[name] = "";
    } else rest[name] = value;
  }
  if (texts.length === 0) return null;
  const model = code.plan.model ?? null;
  return {
    group: sha256(equalityKey([own.meaning(), model, rest, cache.model ?? null])),
    text: texts.join("\n\n"),
    similarity: cache.similarity,
    model: cache.model ?? null,
    modelOfAgent:
      callee.kind === "agent" ? (model ?? agents.get(callee.name)?.plan.model ?? null) : null,
    ttlMs: cache.ttlMs,
  };
}

/** Text that anybody may have written, of any length; no choice, no pattern, no address. */
function isText(schemas: RunState["program"]["program"]["schemas"], schema: JsonSchema): boolean {
  const name = referredName(schema);
  if (name !== undefined) return isText(schemas, schemas[name] ?? {});
  const either = schema["anyOf"];
  if (Array.isArray(either)) return either.some((part) => isText(schemas, part as JsonSchema));
  const isPlain = ["enum", "const", "pattern", "format", "x-agentflow"].every(
    (key) => schema[key] === undefined,
  );
  return schema["type"] === "string" && isPlain;
}
