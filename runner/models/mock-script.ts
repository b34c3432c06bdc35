import type { Json } from "../../plan/expression.ts";
import type { ModelRequest } from "../ports/model.ts";

/** What a scripted model does in one turn. */
export type ScriptedTurn =
  | { readonly kind: "answer"; readonly value: Json }
  | {
      readonly kind: "calls";
      readonly calls: readonly { readonly name: string; readonly arguments: Json }[];
    }
  | {
      readonly kind: "failure";
      readonly code: string;
      readonly message: string;
      readonly retryAfterMs?: number;
    };

export interface MockScript {
  /** Counts in `used` which turn of a sequence comes next. Undefined when the script says nothing about this request. */
  turnFor(request: ModelRequest, used: Map<string, number>): ScriptedTurn | undefined;
}

type JsonRecord = { readonly [name: string]: Json };

/**
 * Reads a script for the mock model:
 *
 *     {
 *       "hello.greeting": "Hello Ada!",
 *       "classify": { "mood": "negative", "confidence": 0.9, "reason": "…" },
 *       "writer": [{ "fail": "rate_limited", "retryAfter": 2 }, { "answer": "first" }, { "answer": "all others" }],
 *       "helper": [{ "call": "getInvoices", "with": {} }, { "answer": { "text": "Done.", "solved": true } }]
 *     }
 *
 * A key is a step path (the exact one, or the static one with `[]` and `#`) or the name of an agent; the most
 * exact one wins. A value answers every request. A list whose items all are `{ answer }`, `{ fail }` or
 * `{ call }` is a sequence: one item a request, the last for all further ones. Anything not named is
 * generated. Gives the script, or what is wrong with the text.
 */
export function readMockScript(
  text: string,
): { readonly script: MockScript } | { readonly problem: string } {
  let parsed: Json;
  try {
    parsed = JSON.parse(text) as Json;
  } catch (error) {
    return { problem: `it is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (!isRecord(parsed))
    return { problem: "it must be a JSON object of answers by agent or step path" };
  const entries = new Map<string, readonly ScriptedTurn[]>();
  for (const [key, value] of Object.entries(parsed)) {
    const sequence =
      Array.isArray(value) && value.length > 0 && value.every(isTurn) ? value : undefined;
    const items: readonly Json[] = sequence ?? (isTurn(value) ? [value] : [{ answer: value }]);
    entries.set(
      key,
      items.map((item) => readTurn(item as JsonRecord)),
    );
  }
  return { script: { turnFor: (request, used) => turnFor(entries, request, used) } };
}

function turnFor(
  entries: ReadonlyMap<string, readonly ScriptedTurn[]>,
  request: ModelRequest,
  used: Map<string, number>,
): ScriptedTurn | undefined {
  // A request's path ends with its turn, which nobody who writes a script counts.
  const step = request.path.replace(/@\d+$/, "");
  const key = [step, staticPath(step), request.agent].find((name) => entries.has(name));
  if (key === undefined) return undefined;
  const turns = entries.get(key) ?? [];
  const index = used.get(key) ?? 0;
  used.set(key, index + 1);
  return turns[Math.min(index, turns.length - 1)];
}

function staticPath(path: string): string {
  return path.replace(/\[[^\]]*\]/g, "[]").replace(/#\d+/g, "#");
}

function isTurn(value: Json): boolean {
  if (!isRecord(value)) return false;
  const keys = Object.keys(value);
  const allowed = ["answer", "fail", "message", "retryAfter", "call", "with", "calls"];
  const kinds = keys.filter(
    (key) => key === "answer" || key === "fail" || key === "call" || key === "calls",
  );
  return kinds.length === 1 && keys.every((key) => allowed.includes(key));
}

function readTurn(item: JsonRecord): ScriptedTurn {
  if (item["answer"] !== undefined) return { kind: "answer", value: item["answer"] };
  if (item["fail"] !== undefined) {
    const retryAfter = item["retryAfter"];
    const message = item["message"];
    return {
      kind: "failure",
      code: String(item["fail"]),
      message: typeof message === "string" ? message : "scripted failure",
      ...(typeof retryAfter === "number" ? { retryAfterMs: retryAfter * 1_000 } : {}),
    };
  }
  const calls = Array.isArray(item["calls"]) ? (item["calls"] as readonly Json[]) : [item];
  return {
    kind: "calls",
    calls: calls
      .filter(isRecord)
      .map((call) => ({ name: String(call["call"]), arguments: call["with"] ?? {} })),
  };
}

function isRecord(value: Json): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
