import type { Json } from "../../plan/expression.ts";
import type { Usage } from "../ports/call-outcome.ts";
import type { ModelReply, ModelToolCall } from "../ports/model.ts";
import { wrapperField, type StrictSchema } from "./strict-schema.ts";

/** Turns what a provider said into a reply: parses the answer when a schema was asked for, and takes it out of its wrapper. */
export function finishAnswer(answer: {
  readonly text: string;
  readonly calls: readonly ModelToolCall[];
  readonly usage: Usage;
  readonly format: StrictSchema | null;
  readonly opaque: Json | undefined;
}): ModelReply {
  const { text, calls, usage, format, opaque } = answer;
  const value = format === null || calls.length > 0 ? undefined : parseAnswer(text, format.wrapped);
  return {
    ok: true,
    text,
    calls,
    usage,
    ...(value === undefined ? {} : { value }),
    ...(opaque === undefined ? {} : { opaque }),
  };
}

function parseAnswer(text: string, wrapped: boolean): Json | undefined {
  const parsed = parseJson(text) ?? parseJson(withoutFence(text));
  if (parsed === undefined || !wrapped) return parsed;
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return parsed;
  return (parsed as { readonly [name: string]: Json })[wrapperField];
}

/** Compatible servers without a schema mode like to put JSON into a Markdown fence. */
function withoutFence(text: string): string {
  return /^\s*```(?:json)?\s*\n([\s\S]*?)\n?```\s*$/.exec(text)?.[1] ?? "";
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Arguments of a tool call; the text itself when it is not JSON. */
export function parseArguments(text: string | undefined): Json {
  if (text === undefined || text.trim() === "") return {};
  return parseJson(text) ?? text;
}
