import type { Json } from "../../plan/expression.ts";
import type { Usage } from "../ports/call-outcome.ts";
import type { ModelReply, ModelRequest, ModelTarget, ModelToolCall } from "../ports/model.ts";
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
  const said = withoutThoughts(text);
  const parsed = parseJson(said) ?? parseJson(withoutFence(said));
  if (parsed === undefined || !wrapped) return parsed;
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return parsed;
  return (parsed as { readonly [name: string]: Json })[wrapperField];
}

/** Models that think aloud put it before their answer, and not every server takes it out. */
function withoutThoughts(text: string): string {
  return text.replace(/^\s*<think>[\s\S]*?<\/think>/, "");
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

/** Arguments of a tool call; the text itself when it is not JSON. Some servers have parsed them already. */
export function parseArguments(given: unknown): Json {
  if (given === undefined || given === null) return {};
  if (typeof given !== "string") return given as Json;
  return given.trim() === "" ? {} : (parseJson(given) ?? given);
}

/** What the program adds to each request. Streaming is left out: an answer counts only when it is whole. */
export function requestOptions(target: ModelTarget): { readonly [name: string]: Json } {
  const {
    stream: _stream,
    stream_options: _streamOptions,
    ...options
  } = (target.options ?? {}) as {
    readonly [name: string]: Json;
  };
  return options;
}

/**
 * What the provider counted. A server that does not count is charged by size instead, two bytes a token like the
 * reservation: an answer that cost nothing would let a budget be overrun.
 */
export function usageOf(
  counted: { readonly tokensIn: unknown; readonly tokensOut: unknown },
  { request, answer }: { readonly request: ModelRequest; readonly answer: unknown },
): Usage {
  return {
    tokensIn:
      soundCount(counted.tokensIn) ?? tokensOf([request.system, request.messages, request.tools]),
    tokensOut: soundCount(counted.tokensOut) ?? (answer === null ? 0 : tokensOf(answer)),
  };
}

function soundCount(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function tokensOf(value: unknown): number {
  return Math.ceil(Buffer.byteLength(JSON.stringify(value)) / 2);
}
