import { canonicalJson } from "../base/canonical-json.ts";
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
