import { expect, test } from "vitest";

import type { Json } from "../../plan/expression.ts";
import type { RunEvent } from "../../plan/history.ts";
import type { DeadLetter } from "../ports/dead-letter.ts";
import type { NewRun } from "../ports/new-run.ts";
import type { AppendEntry, HeadChange, Store } from "../ports/store.ts";

/** A store under test on a clock that is moved by hand. */
export interface StoreUnderTest {
  readonly store: Store;
  advance(ms: number): void;
  now(): number;
}

export type OpenStore = () => Promise<StoreUnderTest>;

export const going: HeadChange = {
  status: "running",
  wakeAtMs: null,
  waitsFor: null,
  cost: 0,
  tokensIn: 0,
  tokensOut: 0,
};

/** One test on a store of its own. */
export function checker(open: OpenStore) {
  return (name: string, body: (under: StoreUnderTest) => Promise<void>): void => {
    test(name, async () => {
      const under = await open();
      try {
        await body(under);
      } finally {
        await under.store.close();
      }
    });
  };
}

let count = 0;

export function newRun(more: Partial<NewRun> = {}): NewRun {
  count += 1;
  const run = more.run ?? `run-${String(count).padStart(4, "0")}`;
  const events = [created(run, 1_000)];
  return {
    run,
    planHash: "h",
    flow: "f",
    idempotencyKey: null,
    priority: 5,
    wakeAtMs: null,
    events,
    ...more,
  };
}

export function created(run: string, atMs: number): RunEvent {
  return {
    kind: "run.created",
    seq: 1,
    atMs,
    run,
    planHash: "h",
    flow: "f",
    input: {},
    environment: "test",
    config: {},
    trigger: null,
    continuation: 0,
  };
}

export function done(seq: number, output: Json = null, path = `f.s${seq}@1`): RunEvent {
  return { kind: "activity.succeeded", seq, atMs: 1_000 + seq, path, attempt: 1, output };
}

export function entry(
  run: string,
  epoch: number,
  expectedSeq: number,
  more: Partial<AppendEntry> = {},
): AppendEntry {
  return { run, epoch, expectedSeq, events: [done(expectedSeq + 1)], head: going, ...more };
}

/** A new run, claimed by the session `me`. */
export async function begin(
  store: Store,
  more: Partial<NewRun> = {},
): Promise<{ run: string; epoch: number }> {
  const { run } = await store.createRun(newRun(more));
  await store.beat("me", 9_000);
  const claimed = await store.claim(run, "me");
  expect(claimed).not.toBeNull();
  return { run, epoch: claimed?.epoch ?? 0 };
}

export function ended(more: Partial<HeadChange> = {}): HeadChange {
  return {
    ...going,
    status: "succeeded",
    ended: { atMs: 2_000, output: 1, error: null },
    ...more,
  };
}

/** An open letter of a run that nobody knows, of five milliseconds past the beginning. */
export function letter(id: string): DeadLetter {
  return {
    id,
    run: "",
    flow: "f",
    queue: "f",
    path: null,
    input: { n: 1 },
    errors: [{ code: "invalid_input", message: "m", step: "f", attempts: 0 }],
    atMs: 5,
    status: "open",
  };
}
