import { expect, test } from "vitest";

import { VirtualClock } from "../test/simulation/virtual-clock.ts";
import { ElectedDuties } from "./elected-duties.ts";
import type { Duty } from "./ports/duty.ts";
import type { Election } from "./ports/election.ts";
import { MemoryElection } from "./store/memory-election.ts";

function pass(clock: VirtualClock, ms: number): Promise<void> {
  return clock.pass(clock.nowMs + ms);
}

interface Scene {
  readonly clock: VirtualClock;
  readonly election: MemoryElection;
  readonly turns: { readonly by: string; readonly atMs: number }[];
  readonly logs: string[];
  readonly news: { text: string };
  candidate(owner: string, more?: { duty?: Duty; election?: Election }): ElectedDuties;
}

function scene(): Scene {
  const clock = new VirtualClock(10_000);
  const news = { text: "" };
  const election = new MemoryElection(
    () => clock.now(),
    () => news.text,
  );
  const turns: Scene["turns"] = [];
  const logs: string[] = [];
  return {
    clock,
    election,
    turns,
    logs,
    news,
    candidate(owner, more = {}) {
      const duty: Duty = {
        name: "count",
        everyMs: 100,
        turn() {
          turns.push({ by: owner, atMs: clock.now() });
          return Promise.resolve(null);
        },
      };
      const telemetry = { log: ({ message }: { message: string }) => void logs.push(message) };
      const duties = [more.duty ?? duty];
      return new ElectedDuties({
        election: more.election ?? election,
        clock,
        telemetry,
        owner,
        duties,
      });
    },
  };
}

test("one of several does the duties, over and over", async () => {
  const { candidate, clock, turns } = scene();
  const [a, b] = [candidate("a"), candidate("b")];
  await a.open();
  await b.open();
  await pass(clock, 10_000);
  expect([a.leading, b.leading]).toEqual([true, false]);
  expect(turns.every(({ by }) => by === "a")).toBe(true);
  expect(turns).toHaveLength(101);
  expect(a.state()).toEqual({
    leading: true,
    fence: 1,
    duties: [{ name: "count", lastTurnAtMs: 20_000, failures: 0, problem: null }],
  });
  expect(b.state()).toMatchObject({ leading: false, fence: null });
  await Promise.all([a.close(), b.close()]);
});

test("a duty that depends on news has its turn when there are any, and seldom else", async () => {
  const { candidate, clock, news } = scene();
  const times: number[] = [];
  const duty: Duty = {
    name: "reads",
    everyMs: 30_000,
    onNews: true,
    turn() {
      times.push(clock.now());
      return Promise.resolve(null);
    },
  };
  const a = candidate("a", { duty });
  await a.open();
  await pass(clock, 5_000);
  const before = times.length;
  await pass(clock, 5_000);
  expect(times.length).toBe(before);
  news.text = "an event";
  await pass(clock, 1_000);
  expect(times.length).toBe(before + 1);
  await a.close();
});

test("another takes over within two seconds from one that hangs, which stops by itself", async () => {
  const { candidate, clock, turns, election } = scene();
  let cut = false;
  const cutOff: Election = {
    ...bound(election),
    renew: (candidacy) => (cut ? new Promise(() => {}) : election.renew(candidacy)),
  };
  const [a, b] = [candidate("a", { election: cutOff }), candidate("b")];
  await a.open();
  await b.open();
  await pass(clock, 1_234);
  cut = true;
  const cutAtMs = clock.nowMs;
  await pass(clock, 2_000);
  expect([a.leading, b.leading]).toEqual([false, true]);
  const first = turns.find(({ by }) => by === "b");
  expect((first?.atMs ?? Infinity) - cutAtMs).toBeLessThan(2_000);
  const last = turns.findLast(({ by }) => by === "a");
  expect(last?.atMs).toBeLessThanOrEqual(first?.atMs ?? 0);
  await b.close();
});

test("who closes lets another take over as soon as that one asks again", async () => {
  const { candidate, clock, election } = scene();
  const [a, b] = [candidate("a"), candidate("b")];
  await a.open();
  await b.open();
  await pass(clock, 900);
  await a.close();
  expect(await election.holder("duties")).toBeNull();
  await pass(clock, 1_800);
  expect(b.leading).toBe(true);
  await b.close();
});

test("a duty says when its next turn is due, and is tried again when it fails", async () => {
  const { candidate, clock, logs } = scene();
  const atMs: number[] = [];
  const duty: Duty = {
    name: "wake",
    everyMs: 5_000,
    async turn() {
      atMs.push(clock.now());
      if (atMs.length === 2) throw new Error("the store is away");
      return atMs.length === 1 ? clock.now() + 250 : null;
    },
  };
  const a = candidate("a", { duty });
  await a.open();
  await pass(clock, 12_000);
  expect(atMs).toEqual([10_000, 10_250, 15_250, 20_250]);
  expect(logs).toContain("the duty wake failed: the store is away");
  expect(a.state().duties).toMatchObject([{ failures: 1, problem: null }]);
  await a.close();
});

test("a store that is away ends the term, and one that is back begins another", async () => {
  const { candidate, clock, turns, election } = scene();
  let away = false;
  const shaky: Election = {
    ...bound(election),
    acquire: (candidacy) =>
      away ? Promise.reject(new Error("no route")) : election.acquire(candidacy),
    renew: (candidacy) =>
      away ? Promise.reject(new Error("no route")) : election.renew(candidacy),
  };
  const a = candidate("a", { election: shaky });
  await a.open();
  await pass(clock, 1_000);
  away = true;
  await pass(clock, 5_000);
  expect(a.leading).toBe(false);
  const before = turns.length;
  await pass(clock, 1_000);
  expect(turns).toHaveLength(before);
  away = false;
  await pass(clock, 1_000);
  expect(a.state()).toMatchObject({ leading: true, fence: 2 });
  expect(turns.length).toBeGreaterThan(before);
  await a.close();
});

function bound(election: MemoryElection): Election {
  return {
    acquire: (candidacy) => election.acquire(candidacy),
    renew: (candidacy) => election.renew(candidacy),
    resign: (holder) => election.resign(holder),
    holder: (name) => election.holder(name),
  };
}
