// Dead letters are retried by query: a few first, the rest when those have succeeded, not faster than told.
import { expect, test } from "vitest";

import type { DeadLetter, Outcome, Runner, RunSummary } from "./api.ts";
import { redrive } from "./redrive.ts";
import { VirtualClock } from "../test/simulation/virtual-clock.ts";

function letter(count: number, more: Partial<DeadLetter> = {}): DeadLetter {
  return {
    id: `l${count}`,
    run: `failed${count}`,
    flow: "main",
    queue: "q",
    path: null,
    input: {},
    errors: [{ code: "timeout", message: "m", step: null, attempts: 1 }],
    atMs: 100 - count,
    status: "open",
    ...more,
  };
}

function runnerOf(letters: readonly DeadLetter[], failing: readonly string[] = []) {
  const retried: string[] = [];
  const runner: Pick<Runner, "deadLetters" | "wait"> = {
    deadLetters: {
      list: (filter = {}) =>
        Promise.resolve(letters.filter(({ queue }) => queue === (filter.queue ?? queue))),
      show: () => Promise.resolve(null),
      retry(id): Promise<Outcome<{ run: string }>> {
        retried.push(id);
        return Promise.resolve({ ok: true, run: `run of ${id}` });
      },
      discard: () => Promise.resolve({ ok: true }),
    },
    wait: (run) =>
      Promise.resolve({
        id: run,
        status: failing.includes(run) ? "failed" : "succeeded",
        error: failing.includes(run)
          ? { code: "timeout", message: "again", step: null, attempts: 3 }
          : null,
      } as RunSummary),
  };
  return { runner, retried };
}

test("the oldest go first, of those that fit", async () => {
  const letters = [
    letter(1),
    letter(2, { flow: "other" }),
    letter(3, { errors: [] }),
    letter(4),
    letter(5, { queue: "r" }),
  ];
  const { runner, retried } = runnerOf(letters);
  const clock = new VirtualClock(0);
  const done = await redrive(runner, clock, { queue: "q", flow: "main", code: "timeout" });
  expect(retried).toEqual(["l4", "l1"]);
  expect(done).toMatchObject({ matching: 2, refused: [], stopped: null });
});

test("the rest is left alone when one of the first fails again", async () => {
  const { runner, retried } = runnerOf([letter(1), letter(2), letter(3)], ["run of l2"]);
  const done = await redrive(runner, new VirtualClock(0), { canary: 2 });
  expect(retried).toEqual(["l3", "l2"]);
  expect(done.stopped).toBe(
    "of the 2 tried first, l2 is failed again (run run of l2): timeout again",
  );
});

test("a rate is kept, and an interruption leaves the rest open", async () => {
  const { runner, retried } = runnerOf([letter(1), letter(2), letter(3)]);
  const clock = new VirtualClock(0);
  const stopping = new AbortController();
  const times: number[] = [];
  const done = redrive(runner, clock, {
    perMinute: 6,
    signal: stopping.signal,
    onProgress: ({ done: count }) => {
      times.push(clock.now());
      if (count === 2) stopping.abort();
    },
  });
  await new Promise((resolve) => setImmediate(resolve));
  clock.next(Number.POSITIVE_INFINITY);
  expect((await done).stopped).toBe("it was interrupted");
  expect([times, retried]).toEqual([
    [0, 10_000],
    ["l3", "l2"],
  ]);
});
