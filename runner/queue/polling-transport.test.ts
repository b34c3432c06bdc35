import { afterEach, describe, expect, test, vi } from "vitest";

import { seededUnit } from "../ports/seeded-random.ts";
import { systemClock } from "../system-clock.ts";
import { inProcessTransport } from "./in-process-transport.ts";
import { PollingTransport } from "./polling-transport.ts";
import { ReadyRuns, transportConformance } from "./transport-conformance.ts";

function polling(store: ReadyRuns, places: number, clock = systemClock): PollingTransport {
  const random = { unit: seededUnit("1") };
  return new PollingTransport({ store, clock, random, places: () => places, onFault: () => {} });
}

describe("in process", () => {
  transportConformance(async () => {
    const store = new ReadyRuns();
    return { store, open: async () => inProcessTransport(), close: async () => {} };
  });
});

describe("polling", () => {
  transportConformance(async () => {
    const store = new ReadyRuns();
    return { store, open: async (places) => polling(store, places), close: async () => {} };
  });

  afterEach(() => void vi.useRealTimers());

  test("idle, it asks the store once a second; with work, it asks much faster", async () => {
    vi.useFakeTimers();
    const store = new ReadyRuns();
    const transport = polling(store, 2);
    transport.receive(async (run) => store.claim(run));
    await vi.advanceTimersByTimeAsync(5_000);
    store.looks = 0;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(store.looks).toBeLessThanOrEqual(10);
    expect(store.looks).toBeGreaterThanOrEqual(9);
    for (let index = 0; index < 100; index += 1) store.add(`r${index}`);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(store.ready.size).toBe(0);
    await transport.close();
  });

  test("a run that can't be taken here is left alone for a second", async () => {
    vi.useFakeTimers();
    const store = new ReadyRuns();
    const transport = polling(store, 10);
    let offers = 0;
    store.add("elsewhere");
    transport.receive(async () => {
      offers += 1;
      return false;
    });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(offers).toBeGreaterThan(2);
    expect(offers).toBeLessThan(8);
    await transport.close();
  });

  test("a store that fails is asked again, and the fault shows in its health", async () => {
    vi.useFakeTimers();
    const store = new ReadyRuns();
    const transport = polling(store, 10);
    const answers = vi.spyOn(store, "runnable").mockRejectedValueOnce(new Error("it is gone"));
    transport.receive(async (run) => store.claim(run));
    await vi.advanceTimersByTimeAsync(10);
    expect(transport.health()).toMatchObject({ ok: false, problem: "it is gone" });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(transport.health()).toMatchObject({ ok: true, problem: null });
    expect(answers.mock.calls.length).toBeGreaterThan(1);
    await transport.close();
  });
});
