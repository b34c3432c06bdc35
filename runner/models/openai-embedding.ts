import { failure } from "../ports/call-outcome.ts";
import type { EmbeddingReply, ModelTarget } from "../ports/model.ts";

/** The answer of `/embeddings`, as servers of this protocol give it. */
export function readEmbedding(answer: unknown, target: ModelTarget): EmbeddingReply {
  const [first] = listOf(fieldOf(answer, "data"));
  const vector = listOf(fieldOf(first, "embedding"));
  const isDirection =
    vector.length > 0 &&
    vector.every((value) => typeof value === "number" && Number.isFinite(value)) &&
    vector.some((value) => value !== 0);
  if (!isDirection)
    return failure("invalid_output", `${target.model} did not say where the text lies`);
  const tokens = fieldOf(fieldOf(answer, "usage"), "prompt_tokens");
  const tokensIn = typeof tokens === "number" && tokens >= 0 ? Math.floor(tokens) : 0;
  return { ok: true, vector: vector as readonly number[], usage: { tokensIn, tokensOut: 0 } };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as { readonly [key: string]: unknown })[name]
    : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
