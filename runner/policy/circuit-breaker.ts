import type { CircuitPlan } from "../../plan/plan.ts";

/**
 * Stops calling what keeps failing: after `failures` failures within `windowMs` every call is refused for
 * `cooldownMs`; then one call is let through, and its outcome decides. Time-outs do not count: they say that
 * something is slow, which retries and time-outs already deal with.
 */
export interface CircuitBreaker {
  /**
   * False when the call must not be made now. One that was allowed reports its outcome; should it never do so, because its process
   * has lost the run, another is let through after a further `cooldownMs`.
   */
  allows(nowMs: number): boolean;
  succeeded(): void;
  failed(code: string, nowMs: number): void;
  /** Milliseconds until the next call may be tried; 0 when it may be now. */
  openForMs(nowMs: number): number;
}

/** Codes that say the other side is not well. A refused or wrong request says nothing about that. */
const countedCodes = new Set(["unavailable", "rate_limited"]);

export function createCircuitBreaker(plan: CircuitPlan): CircuitBreaker {
  let failures: number[] = [];
  let openUntilMs: number | undefined;
  let probing = false;

  return {
    allows(nowMs) {
      if (openUntilMs === undefined) return true;
      if (nowMs < openUntilMs) return false;
      probing = true;
      openUntilMs = nowMs + plan.cooldownMs;
      return true;
    },
    succeeded() {
      failures = [];
      openUntilMs = undefined;
      probing = false;
    },
    failed(code, nowMs) {
      if (probing) {
        probing = false;
        // Also when the probe fails otherwise: nothing has shown that the other side is well again.
        openUntilMs = nowMs + plan.cooldownMs;
        return;
      }
      if (!countedCodes.has(code)) return;
      failures = failures.filter((atMs) => atMs > nowMs - plan.windowMs);
      failures.push(nowMs);
      if (failures.length >= plan.failures) openUntilMs = nowMs + plan.cooldownMs;
    },
    openForMs(nowMs) {
      return openUntilMs === undefined ? 0 : Math.max(0, openUntilMs - nowMs);
    },
  };
}
