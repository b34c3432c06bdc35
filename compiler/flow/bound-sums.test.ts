import { describe, expect, it } from "vitest";

import { atMost, nothing, sum, times, unknown, worst } from "./bound-sums.ts";

const call = { ...nothing, agentCalls: 1, modelRequests: 6, tokens: null, cost: 0.1, timeMs: 10 };

describe("bounds", () => {
  it("add, multiply and compare per figure", () => {
    expect(sum(call, { ...call, cost: 0.2 })).toEqual({
      ...nothing,
      agentCalls: 2,
      modelRequests: 12,
      tokens: null,
      cost: 0.3,
      timeMs: 20,
    });
    expect(times(call, 3)).toEqual({
      ...nothing,
      agentCalls: 3,
      modelRequests: 18,
      tokens: null,
      cost: 0.3,
      timeMs: 30,
    });
    expect(worst(call, { ...nothing, toolCalls: 4, agentCalls: 5 })).toEqual({
      ...call,
      toolCalls: 4,
      agentCalls: 5,
    });
  });

  it("keep the unknown unknown, but zero times the unknown is nothing", () => {
    expect(sum(call, unknown)).toEqual(unknown);
    expect(times(unknown, 0)).toEqual(nothing);
    expect(times(call, null).agentCalls).toBeNull();
    expect(times(call, null).toolCalls).toBe(0);
  });

  it("are limited in time by a timeout", () => {
    expect(atMost(call, 3).timeMs).toBe(3);
    expect(atMost(unknown, 3).timeMs).toBe(3);
    expect(atMost(call, null).timeMs).toBe(10);
  });
});
