import { expect } from "vitest";

import type { NewSchedule } from "../ports/schedule-store.ts";
import type { NewRun } from "../ports/new-run.ts";
import type { Store } from "../ports/store.ts";
import { begin, checker, ended, entry, newRun, type OpenStore } from "./store-scene-conformance.ts";

const schedule: NewSchedule = {
  id: "daily",
  program: "p",
  flow: "f",
  planHash: "h",
  trigger: 0,
  sinceMs: 1_000,
};

const cancel = { id: "c", atMs: 5, reason: "a newer tick came" };

/** What every store promises about the turns of runs, about overlap, and about schedules and their ticks. */
export function testSchedules(open: OpenStore): void {
  testTurns(open);
  testOverlap(open);
  testTicks(open);
}

function testTurns(open: OpenStore): void {
  const check = checker(open);

  check("runs of different keys take turns, however many one key has", async ({ store, now }) => {
    for (const run of ["a1", "a2", "a3"])
      await store.createRun(newRun({ run, fairnessKey: "tenant a" }));
    await store.createRun(newRun({ run: "b1", fairnessKey: "tenant b" }));
    expect(await store.runnable({ nowMs: now(), limit: 2 })).toEqual(["a1", "b1"]);
  });

  check("a key whose runs were all claimed owes nothing", async ({ store, now }) => {
    await store.beat("me", 9_000);
    for (const run of ["a1", "a2", "a3"]) {
      await store.createRun(newRun({ run, fairnessKey: "a" }));
      await store.claim(run, "me");
    }
    await store.createRun(newRun({ run: "a4", fairnessKey: "a" }));
    await store.createRun(newRun({ run: "b1", fairnessKey: "b" }));
    expect(await store.runnable({ nowMs: now(), limit: 9 })).toEqual(["a4", "b1"]);
  });

  check("priority counts as age, so what waits long enough has its turn", async (under) => {
    const { store, now } = under;
    await store.createRun(newRun({ run: "background", priority: 1, fairnessKey: "a" }));
    under.advance(60_000);
    await store.createRun(newRun({ run: "soon", priority: 10, fairnessKey: "b" }));
    under.advance(9 * 60_000);
    await store.createRun(newRun({ run: "late", priority: 10, fairnessKey: "c" }));
    expect(await store.runnable({ nowMs: now(), limit: 9 })).toEqual([
      "soon",
      "background",
      "late",
    ]);
  });
}

function testOverlap(open: OpenStore): void {
  const check = checker(open);
  const slots = [{ key: "k", limit: 1 }];

  check("runs of one slot are admitted in the order of their creation", async ({ store, now }) => {
    const first = await store.createRun(newRun({ slots }));
    const second = await store.createRun(newRun({ slots }));
    expect(await store.runnable({ nowMs: now(), limit: 9 })).toEqual([first.run]);
    await store.beat("me", 9_000);
    const later = await store.claim(second.run, "me");
    const admission = { slots, states: [] };
    expect(
      await store.admit({ run: second.run, epoch: later?.epoch ?? 0, ...admission }),
    ).toMatchObject({ kind: "queued" });
    const sooner = await store.claim(first.run, "me");
    expect(
      await store.admit({ run: first.run, epoch: sooner?.epoch ?? 0, ...admission }),
    ).toMatchObject({ kind: "admitted" });
  });

  check("a run whose time has not come holds nobody up", async ({ store, now }) => {
    await store.createRun(newRun({ slots, wakeAtMs: 1e12 }));
    const { run } = await store.createRun(newRun({ slots }));
    expect(await store.runnable({ nowMs: now(), limit: 9 })).toEqual([run]);
  });

  check("`skip` creates nothing while the slot is taken or waited for", async ({ store }) => {
    const skip: Partial<NewRun> = { slots, overlap: { kind: "skip", keys: ["k"] } };
    const { run, epoch } = await begin(store, skip);
    expect(await store.createRun(newRun(skip))).toMatchObject({ skipped: true });
    await store.admit({ run, epoch, slots, states: [] });
    const refused = await store.createRun(newRun(skip));
    expect(refused).toMatchObject({ skipped: true });
    expect(await store.head(refused.run)).toBeNull();
    await store.append(entry(run, epoch, 1, { head: ended() }));
    expect(await store.createRun(newRun(skip))).not.toHaveProperty("skipped");
  });

  check("`replace` asks those before it to end", async ({ store }) => {
    const replace: Partial<NewRun> = { slots, overlap: { kind: "replace", keys: ["k"], cancel } };
    const { run } = await begin(store, replace);
    const second = await store.createRun(newRun(replace));
    expect(second).not.toHaveProperty("skipped");
    expect(await store.inbox(run)).toEqual([{ ...cancel, kind: "cancel", id: `c/${run}`, run }]);
    expect(await store.inbox(second.run)).toEqual([]);
  });
}

function testTicks(open: OpenStore): void {
  const check = checker(open);
  const firing = (store: Store, more: Partial<Parameters<Store["schedules"]["fire"]>[0]> = {}) =>
    store.schedules.fire({
      schedule: "daily",
      decidedUntilMs: 1_000,
      untilMs: 3_000,
      starts: [],
      skips: [],
      deadLetters: [],
      ...more,
    });

  check("a schedule keeps its place and its pause when it is put again", async ({ store }) => {
    const { schedules } = store;
    await schedules.put(schedule);
    expect(await schedules.list()).toEqual([{ ...schedule, paused: false, decidedUntilMs: 1_000 }]);
    await firing(store);
    expect(await schedules.pause("daily", true)).toBe(true);
    await schedules.put({ ...schedule, planHash: "h2", sinceMs: 9_000 });
    const moved = { ...schedule, planHash: "h2", sinceMs: 9_000 };
    expect(await schedules.list()).toEqual([{ ...moved, paused: true, decidedUntilMs: 3_000 }]);
    expect([await schedules.pause("nope", true), await schedules.remove("nope")]).toEqual([
      false,
      false,
    ]);
    expect([await schedules.remove("daily"), await schedules.list()]).toEqual([true, []]);
  });

  check("of all who decide a tick at once, one does, and one run is made", async ({ store }) => {
    await store.schedules.put(schedule);
    const decided = await Promise.all(
      [1, 2, 3].map(() => firing(store, { starts: [{ atMs: 2_000, run: newRun() }] })),
    );
    const ticks = decided.flatMap((result) => result ?? []);
    expect(ticks).toMatchObject([{ atMs: 2_000, outcome: "started" }]);
    expect(await store.list({})).toHaveLength(1);
    expect(await store.schedules.ticks({ schedule: "daily" })).toEqual(ticks);
  });

  check("what is skipped is written down with its reason", async ({ store }) => {
    await store.schedules.put(schedule);
    const slots = [{ key: "schedule daily", limit: 1 }];
    const overlap = { kind: "skip", keys: ["schedule daily"] } as const;
    const run = (): NewRun => newRun({ slots, overlap });
    const ticks = await firing(store, {
      skips: [{ atMs: 1_500, reason: "misfire" }],
      starts: [
        { atMs: 2_000, run: run() },
        { atMs: 3_000, run: run() },
      ],
    });
    expect(ticks).toMatchObject([
      { atMs: 1_500, outcome: "skipped", reason: "misfire", run: null },
      { atMs: 2_000, outcome: "started", reason: null },
      { atMs: 3_000, outcome: "skipped", reason: "overlap", run: null },
    ]);
    const newest = await store.schedules.ticks({ schedule: "daily", fromMs: 2_000, limit: 1 });
    expect(newest).toEqual([ticks?.[2]]);
  });

  check("ticks of the past get the runs they did not have, once", async ({ store }) => {
    await store.schedules.put(schedule);
    await firing(store, {
      skips: [{ atMs: 1_500, reason: "paused" }],
      starts: [{ atMs: 2_000, run: newRun() }],
    });
    const missed = [500, 1_500, 2_000].map((atMs) => ({ atMs, run: newRun() }));
    const filled = await store.schedules.fireMissed("daily", missed);
    expect(filled.map(({ atMs, outcome }) => [atMs, outcome])).toEqual([
      [500, "started"],
      [1_500, "started"],
    ]);
    expect(await store.schedules.fireMissed("daily", missed)).toEqual([]);
    expect(await store.list({})).toHaveLength(3);
  });
}
