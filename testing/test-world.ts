import { canonicalJson } from "../base/canonical-json.ts";
import { cosine, packVector } from "../base/vector.ts";
import { wordVector } from "../base/word-vector.ts";
import type { Json } from "../plan/expression.ts";
import type { StateReading } from "../plan/history.ts";

/** Virtual time begins at a fixed moment, so a test gives the same result on every day. */
const beginningMs = Date.UTC(2026, 0, 1, 8);

interface Kept {
  readonly value: Json;
  readonly atMs: number;
}

/** What outlives a run within one test: the clock, stored states, and remembered answers. */
export class TestWorld {
  nowMs = beginningMs;
  /** By callable: how often it was called. */
  readonly calls = new Map<string, number>();
  readonly #states = new Map<string, Kept>();
  readonly #answers = new Map<string, { readonly value: Json; readonly untilMs: number }>();
  readonly #vectors = new Map<string, Map<string, Int8Array>>();
  #runs = 0;

  get elapsedMs(): number {
    return this.nowMs - beginningMs;
  }

  nextRun(): string {
    this.#runs += 1;
    return `test-${this.#runs}`;
  }

  count(callable: string): void {
    this.calls.set(callable, (this.calls.get(callable) ?? 0) + 1);
  }

  readState(state: {
    readonly flow: string;
    readonly name: string;
    readonly key: string;
  }): StateReading {
    return { name: state.name, key: state.key, stored: this.#states.get(stateKey(state)) ?? null };
  }

  storeState(
    state: { readonly flow: string; readonly name: string; readonly key: string },
    value: Json,
  ): void {
    this.#states.set(stateKey(state), { value, atMs: this.nowMs });
  }

  recall(key: string): { readonly value: Json } | null {
    const answer = this.#answers.get(key);
    return answer !== undefined && answer.untilMs > this.nowMs ? { value: answer.value } : null;
  }

  /** Like `recall`, for calls whose texts are compared: by their words, because no model is asked. */
  recallNear(
    key: string,
    {
      group,
      text,
      similarity,
    }: { readonly group: string; readonly text: string; readonly similarity: number },
  ): { readonly value: Json } | null {
    const vector = packVector(wordVector(text));
    const others = this.#vectors.get(group) ?? new Map<string, Int8Array>();
    const near = [...others]
      .map(([other, place]) => ({ other, cosine: cosine(vector, place) }))
      .filter((found) => found.cosine >= similarity)
      .sort((left, right) => right.cosine - left.cosine);
    for (const { other } of near) {
      const answer = this.recall(other);
      if (answer !== null) return answer;
    }
    this.#vectors.set(group, others.set(key, vector));
    return null;
  }

  remember(key: string, value: Json, ttlMs: number): void {
    this.#answers.set(key, { value, untilMs: this.nowMs + ttlMs });
  }
}

function stateKey({
  flow,
  name,
  key,
}: {
  readonly flow: string;
  readonly name: string;
  readonly key: string;
}): string {
  return canonicalJson([flow, name, key]);
}
