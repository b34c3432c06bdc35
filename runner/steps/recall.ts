import { cosine, packVector } from "../../base/vector.ts";
import type { Json } from "../../plan/expression.ts";
import type { CacheActivity, NearCalls } from "../engine/activity.ts";
import type { EmbeddingReply, EmbeddingRequest, ModelTarget } from "../ports/model.ts";
import { targetOf } from "./model-step.ts";
import { priced } from "./step-context.ts";
import type { StepContext, StepResult } from "./step-context.ts";

/** The newest calls of a group are compared; a group with more is about so much that older ones hardly fit better. */
const mostCompared = 1_000;

/** The places of texts outlive the calls that they were asked for by this much; their answers say when they are too old. */
const graceMs = 86_400_000;

/** What answers a cached call: the answer to an equal call, or to one that is similar enough. */
export async function recall(
  activity: CacheActivity,
  run: string,
  context: StepContext,
  signal: AbortSignal,
): Promise<StepResult> {
  const { store, clock } = context;
  const equal = await store.recall(activity.key, clock.now());
  if (equal !== null) return hit(equal.value);
  const { near } = activity;
  if (near === null) return { ok: true, output: { hit: false } };
  const target = embedderOf(near, context);
  if (target === null) return { ok: true, output: { hit: false } };
  const request = { target, text: near.text, run, path: activity.path };
  const placed = await embed(near.model, request, { context, signal });
  if (!placed.ok) return missed(placed);
  const price = near.model === null ? undefined : context.program.models[near.model]?.price;
  const spent = priced(placed.usage, context.mocked ? undefined : price);
  const found = await nearest(near, packVector(placed.vector), { context, key: activity.key });
  return found === null
    ? { ok: true, output: { hit: false }, spent }
    : { ...hit(found.value, found.similarity), spent };
}

/** Equal calls were looked for before: they cost nothing, and so wait for nothing. */
async function embed(
  model: string | null,
  request: EmbeddingRequest,
  { context, signal }: { readonly context: StepContext; readonly signal: AbortSignal },
): Promise<EmbeddingReply> {
  const { program, models, passEmbedding } = context;
  const { run, path } = request;
  const pass = await passEmbedding?.(program, { model, run, path }, signal);
  if (pass?.kind === "refused") return { ok: false, code: pass.code, message: pass.message };
  const reply = await models.embed(request, signal);
  pass?.leave(reply.ok ? null : reply.code);
  return reply;
}

interface Kept {
  readonly value: Json;
  readonly similarity: number;
}

/** Says where this call lies, and finds the nearest one with an answer that is not too old. */
async function nearest(
  { group, similarity, ttlMs }: NearCalls,
  vector: Int8Array,
  { context, key }: { readonly context: StepContext; readonly key: string },
): Promise<Kept | null> {
  const { store, clock } = context;
  const nowMs = clock.now();
  const others = await store.vectors({ group, nowMs, limit: mostCompared });
  const near = others
    .map((other) => ({ key: other.key, similarity: cosine(vector, other.vector) }))
    .filter((other) => other.similarity >= similarity)
    .sort((left, right) => right.similarity - left.similarity);
  for (const other of near) {
    const kept = await store.recall(other.key, nowMs);
    if (kept !== null) return { value: kept.value, similarity: other.similarity };
  }
  await store.keepVector({ group, key, vector, untilMs: nowMs + ttlMs + graceMs });
  return null;
}

/** The standard embeddings of OpenAI, for agents whose models are asked by its protocol. */
const standardEmbeddings = "text-embedding-3-small";

/** Who places texts: the model that `cache` names, else one of the provider of the agent's model. Null if it has none. */
function embedderOf(near: NearCalls, context: StepContext): ModelTarget | null {
  const name = near.model ?? near.modelOfAgent;
  if (name === null) return null;
  const target = targetOf(name, context);
  if (near.model !== null || target.provider === "mock") return target;
  if (target.provider !== "openai") return null;
  const { apiKey, baseUrl } = target;
  return {
    name,
    provider: target.provider,
    model: standardEmbeddings,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
  };
}

function hit(value: Json, similarity?: number): Extract<StepResult, { ok: true }> {
  return {
    ok: true,
    output: { hit: true, value, ...(similarity === undefined ? {} : { similarity }) },
  };
}

/** The call is made then: who only wanted to save it must not fail because of that. The reason is kept in the history. */
function missed(reply: Extract<EmbeddingReply, { ok: false }>): StepResult {
  return { ok: true, output: { hit: false, problem: `${reply.code}: ${reply.message}` } };
}
