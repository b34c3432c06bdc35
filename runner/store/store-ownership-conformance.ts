import { expect } from "vitest";

import {
  begin,
  checker,
  created,
  done,
  ended,
  entry,
  going,
  newRun,
  type OpenStore,
} from "./store-scene-conformance.ts";

/** What every store promises about histories, and about who may write them. */
export function testOwnership(open: OpenStore): void {
  const check = checker(open);

  check(
    "a new run has its head and its first event, and is created once per key",
    async ({ store }) => {
      const { run } = await store.createRun(newRun({ idempotencyKey: "k" }));
      expect(await store.createRun(newRun({ idempotencyKey: "k" }))).toEqual({
        run,
        existing: true,
      });
      expect([await store.startedWith("k"), await store.startedWith(run)]).toEqual([run, null]);
      expect(await store.head(run)).toMatchObject({
        run,
        flow: "f",
        status: "queued",
        seq: 1,
        createdAtMs: 1_000,
        endedAtMs: null,
      });
      expect(await store.events(run, { afterSeq: 0 })).toEqual([created(run, 1_000)]);
      expect([await store.head("nope"), await store.claim("nope", "me")]).toEqual([null, null]);
      const both = await Promise.all(
        [newRun({ idempotencyKey: "x" }), newRun({ idempotencyKey: "x" })].map((item) =>
          store.createRun(item),
        ),
      );
      expect(new Set(both.map((item) => item.run)).size).toBe(1);
    },
  );

  check(
    "a claim that comes after the end of its session leaves the run to others",
    async (scene) => {
      const { store } = scene;
      const { run } = await store.createRun(newRun());
      await store.beat("late", 9_000);
      await store.endSession("late");
      await store.claim(run, "late");
      expect(await store.runnable({ nowMs: 2_000, limit: 9 })).toEqual([run]);
    },
  );

  check(
    "events are appended in order, read from anywhere, and the head follows",
    async ({ store }) => {
      const { run, epoch } = await begin(store);
      const head = { ...going, cost: 0.25, tokensIn: 7, tokensOut: 3 };
      expect(
        await store.append(entry(run, epoch, 1, { events: [done(2), done(3)], head })),
      ).toEqual({ kind: "ok", delivered: [] });
      expect(
        await store.append(
          entry(run, epoch, 3, {
            head: { ...head, status: "waiting", wakeAtMs: 5_000, waitsFor: "a timer" },
          }),
        ),
      ).toMatchObject({ kind: "ok" });
      const seqs = async (afterSeq: number, limit?: number): Promise<number[]> =>
        (await store.events(run, { afterSeq, ...(limit === undefined ? {} : { limit }) })).map(
          (event) => event.seq,
        );
      expect([await seqs(0), await seqs(2), await seqs(1, 2), await seqs(4)]).toEqual([
        [1, 2, 3, 4],
        [3, 4],
        [2, 3],
        [],
      ]);
      expect(await store.head(run)).toMatchObject({
        seq: 4,
        status: "waiting",
        wakeAtMs: 5_000,
        waitsFor: "a timer",
        cost: 0.25,
        tokensIn: 7,
        tokensOut: 3,
      });
    },
  );

  check(
    "an append on a history that is longer or shorter than expected changes nothing",
    async ({ store }) => {
      const { run, epoch } = await begin(store);
      expect(await store.append(entry(run, epoch, 4))).toEqual({ kind: "conflict", seq: 1 });
      await store.append(entry(run, epoch, 1));
      expect(await store.append(entry(run, epoch, 1))).toEqual({ kind: "conflict", seq: 2 });
      expect((await store.events(run, { afterSeq: 0 })).length).toBe(2);
    },
  );

  check("one entry's fate does not touch its neighbours in the flush", async ({ store }) => {
    const one = await begin(store);
    const two = await begin(store);
    const results = await Promise.all([
      store.append(entry(one.run, one.epoch, 1)),
      store.append(entry(two.run, two.epoch + 1, 1)),
      store.append(entry("nope", 1, 1)),
      store.append(entry(two.run, two.epoch, 1)),
      store.append(entry(one.run, one.epoch, 2)),
    ]);
    expect(results.map((result) => result.kind)).toEqual(["ok", "fenced", "fenced", "ok", "ok"]);
  });

  check(
    "a run has one owner, until its session is silent too long; then the old one is fenced",
    async ({ store, advance }) => {
      const { run, epoch } = await begin(store);
      await store.beat("other", 60_000);
      expect(await store.claim(run, "other")).toBeNull();
      expect((await store.claim(run, "me"))?.epoch).toBe(epoch);
      advance(8_999);
      expect(await store.claim(run, "other")).toBeNull();
      advance(2);
      expect(await store.runnable({ nowMs: 0, limit: 10 })).toEqual([run]);
      const taken = await store.claim(run, "other");
      expect(taken).toMatchObject({ epoch: epoch + 1, head: { seq: 1, owner: "other" } });
      expect(await store.append(entry(run, epoch, 1))).toEqual({ kind: "fenced" });
      expect(await store.append(entry(run, epoch + 1, 1))).toMatchObject({ kind: "ok" });
      expect((await store.events(run, { afterSeq: 0 })).length).toBe(2);
      await store.beat("me", 9_000);
      expect(await store.append(entry(run, epoch, 2))).toEqual({ kind: "fenced" });
    },
  );

  check(
    "a session that has run out writes nothing, until it is renewed and nobody was faster",
    async ({ store, advance }) => {
      const { run, epoch } = await begin(store);
      advance(8_999);
      expect(await store.append(entry(run, epoch, 1))).toMatchObject({ kind: "ok" });
      advance(1);
      expect(await store.append(entry(run, epoch, 2))).toEqual({ kind: "fenced" });
      expect(await store.events(run, { afterSeq: 2 })).toEqual([]);
      const [, appended] = await Promise.all([
        store.beat("me", 9_000),
        store.beat("me", 9_000).then(() => store.append(entry(run, epoch, 2))),
      ]);
      expect(appended).toMatchObject({ kind: "ok" });
      await store.endSession("me");
      expect(await store.append(entry(run, epoch, 3))).toEqual({ kind: "fenced" });
    },
  );

  check(
    "a lease that is renewed lasts, and an ended session frees its runs at once",
    async ({ store, advance }) => {
      const { run } = await begin(store);
      await store.beat("other", 60_000);
      for (let beat = 0; beat < 3; beat += 1) {
        advance(6_000);
        await store.beat("me", 9_000);
      }
      expect(await store.claim(run, "other")).toBeNull();
      expect(await store.runnable({ nowMs: 0, limit: 10 })).toEqual([]);
      await store.endSession("me");
      expect(await store.claim(run, "other")).not.toBeNull();
    },
  );

  check("a released run can be claimed, and its old epoch is fenced", async ({ store }) => {
    const { run, epoch } = await begin(store);
    await store.release(run, epoch);
    expect(await store.append(entry(run, epoch, 1))).toEqual({ kind: "fenced" });
    const again = await store.claim(run, "me");
    expect(again?.epoch).toBe(epoch + 1);
    expect(
      await store.append(
        entry(run, epoch + 1, 1, { head: { ...going, status: "waiting", release: true } }),
      ),
    ).toMatchObject({ kind: "ok" });
    expect(await store.append(entry(run, epoch + 1, 2))).toEqual({ kind: "fenced" });
    expect((await store.head(run))?.owner ?? null).toBeNull();
  });

  check(
    "slots are taken all or none, queued for in order, and free with the run's end",
    async ({ store }) => {
      const runs = await Promise.all([begin(store), begin(store), begin(store)]);
      const [a, b, c] = runs as [
        (typeof runs)[0] & object,
        (typeof runs)[0] & object,
        (typeof runs)[0] & object,
      ];
      const ask = (who: { run: string; epoch: number }, keys: string[]) =>
        store.admit({ ...who, slots: keys.map((key) => ({ key, limit: 1 })), states: [] });
      expect((await ask(a, ["x"])).kind).toBe("admitted");
      expect((await ask(a, ["x"])).kind).toBe("admitted");
      expect((await ask(b, ["y", "x"])).kind).toBe("queued");
      expect((await ask(c, ["y"])).kind).toBe("queued");
      for (const { run, epoch } of [b, c]) await store.release(run, epoch);
      expect(await store.runnable({ nowMs: 0, limit: 10 })).toEqual([]);
      await store.append(entry(a.run, a.epoch, 1, { head: ended() }));
      expect(await store.runnable({ nowMs: 0, limit: 10 })).toEqual([b.run]);
      const again = await store.claim(b.run, "me");
      expect((await ask({ run: b.run, epoch: again?.epoch ?? 0 }, ["y", "x"])).kind).toBe(
        "admitted",
      );
      expect(
        (await store.admit({ run: a.run, epoch: 99, slots: [{ key: "z", limit: 1 }], states: [] }))
          .kind,
      ).toBe("fenced");
    },
  );

  testCallSlots(open);

  check(
    "an inbox item wakes its run, is taken with the step that folds it, and arrives once",
    async ({ store }) => {
      const { run, epoch } = await begin(store);
      await store.append(
        entry(run, epoch, 1, { head: { ...going, status: "waiting", release: true } }),
      );
      expect(await store.runnable({ nowMs: 0, limit: 10 })).toEqual([]);
      const item = { id: "i1", run, atMs: 5, kind: "cancel", reason: "why" } as const;
      expect([
        await store.deliver(item),
        await store.deliver(item),
        await store.deliver({ ...item, run: "nope" }),
      ]).toEqual([true, true, false]);
      expect(await store.inbox(run)).toEqual([item]);
      expect(await store.runnable({ nowMs: 0, limit: 10 })).toEqual([run]);
      expect(await store.runsWithMail("me")).toEqual([]);
      const claimed = await store.claim(run, "me");
      expect([await store.runsWithMail("me"), await store.runsWithMail("you")]).toEqual([
        [run],
        [],
      ]);
      await store.append(entry(run, claimed?.epoch ?? 0, 2, { taken: ["i1"], head: ended() }));
      expect(await store.runsWithMail("me")).toEqual([]);
      expect([await store.inbox(run), await store.deliver({ ...item, id: "i2" })]).toEqual([
        [],
        false,
      ]);
      expect(await store.deliver({ id: "i3", run, atMs: 6, kind: "retry", planHash: "h" })).toBe(
        true,
      );
      expect(await store.runnable({ nowMs: 0, limit: 10 })).toEqual([run]);
      const revived = await store.claim(run, "me");
      expect(
        await store.append(entry(run, revived?.epoch ?? 0, 3, { taken: ["i3"] })),
      ).toMatchObject({ kind: "ok" });
      expect(await store.head(run)).toMatchObject({ status: "running", endedAtMs: null });
    },
  );

  check(
    "a claimed run is loaded from its newest snapshot on, and says if it has mail",
    async ({ store }) => {
      const { run, epoch } = await begin(store);
      await store.append(entry(run, epoch, 1, { events: [done(2), done(3)] }));
      const seqs = async (): Promise<unknown> => {
        const { created: first, snapshot, tail } = await store.load(run);
        return [first?.seq, snapshot?.seq ?? null, tail.map((event) => event.seq)];
      };
      expect(await seqs()).toEqual([1, null, [1, 2, 3]]);
      await store.append(entry(run, epoch, 3, { snapshot: { at: 4 } }));
      await store.append(entry(run, epoch, 4, { events: [done(5), done(6)] }));
      expect(await seqs()).toEqual([1, 4, [5, 6]]);
      expect(await store.load("nope")).toEqual({ created: null, snapshot: null, tail: [] });
      expect(await store.claim(run, "me")).toMatchObject({ hasMail: false });
      await store.deliver({ id: "i", run, atMs: 5, kind: "pause" });
      expect(await store.claim(run, "me")).toMatchObject({ hasMail: true });
    },
  );

  check("the backlog is what could begin and waits for a worker", async ({ store }) => {
    expect(await store.backlog(9)).toBe(0);
    for (let count = 0; count < 3; count += 1) await store.createRun(newRun());
    await store.createRun(newRun({ wakeAtMs: 1e12 }));
    const slots = [{ key: "k", limit: 1 }];
    const held = await begin(store, { slots });
    await store.admit({ ...held, slots, states: [] });
    await store.createRun(newRun({ slots }));
    expect([await store.backlog(9), await store.backlog(2)]).toEqual([3, 2]);
  });

  check("runs are due by priority, then age, and not before their time", async ({ store }) => {
    const low = await store.createRun(newRun({ priority: 1 }));
    const high = await store.createRun(newRun({ priority: 10 }));
    const late = await store.createRun(newRun({ priority: 10, wakeAtMs: 5_000 }));
    expect(await store.runnable({ nowMs: 4_999, limit: 10 })).toEqual([high.run, low.run]);
    expect(await store.nextWakeAtMs(0)).toBe(5_000);
    expect(await store.nextWakeAtMs(4_999)).toBe(5_000);
    expect(await store.nextWakeAtMs(5_000)).toBeNull();
    expect(await store.runnable({ nowMs: 5_000, limit: 10 })).toEqual([
      high.run,
      late.run,
      low.run,
    ]);
    expect(await store.runnable({ nowMs: 5_000, limit: 1 })).toEqual([high.run]);
    const waiting = await begin(store);
    await store.append(
      entry(waiting.run, waiting.epoch, 1, {
        head: { ...going, status: "waiting", wakeAtMs: 3_000, release: true },
      }),
    );
    expect(await store.nextWakeAtMs(0)).toBe(3_000);
    expect(await store.nextWakeAtMs(3_000)).toBe(5_000);
    expect(await store.runnable({ nowMs: 3_000, limit: 10 })).toContain(waiting.run);
  });
}

/** Slots of flows that are called: one line with those of runs. */
function testCallSlots(open: OpenStore): void {
  const check = checker(open);
  const waiting = { ...going, status: "waiting", release: true } as const;
  const slot = (path: string, limit = 1) => ({ path, key: "k", limit });
  const join = (paths: readonly string[], limit = 1) => ({
    slots: { join: paths.map((path) => slot(path, limit)) },
  });

  check("calls of runs share a line with runs, first come first", async ({ store }) => {
    const root = await begin(store, { slots: [{ key: "k", limit: 1 }] });
    const caller = await begin(store);
    const admit = (epoch: number) =>
      store.admit({ run: root.run, epoch, slots: [{ key: "k", limit: 1 }], states: [] });
    expect((await admit(root.epoch)).kind).toBe("admitted");
    await store.append(entry(caller.run, caller.epoch, 1, { head: waiting, ...join(["a", "b"]) }));
    expect(await store.takeSlots(caller.run, caller.epoch)).toBe(false);
    expect(await store.runnable({ nowMs: 0, limit: 9 })).toEqual([]);
    expect(await store.unexplained(9)).toEqual([]);
    const late = await begin(store, { slots: [{ key: "k", limit: 1 }] });
    await store.release(late.run, late.epoch);

    await store.append(entry(root.run, root.epoch, 1, { head: ended() }));
    expect(await store.runnable({ nowMs: 0, limit: 9 })).toEqual([caller.run]);
    const again = await store.claim(caller.run, "me");
    const epoch = again?.epoch ?? 0;
    expect(await store.takeSlots(caller.run, epoch)).toBe(true);
    const item = { id: `slot/${caller.run}/a`, run: caller.run, kind: "slot", path: "a" };
    expect(await store.inbox(caller.run)).toMatchObject([item]);
    expect(await store.takeSlots(caller.run, epoch)).toBe(false);
    // Whatever becomes of its owner, the run has it.
    await store.release(caller.run, epoch);
    expect(await store.runnable({ nowMs: 0, limit: 9 })).toEqual([caller.run]);
    const third = await store.claim(caller.run, "me");
    const owner = third?.epoch ?? 0;
    const taken = entry(caller.run, owner, 2, { taken: [item.id] });
    expect(await store.append(taken)).toMatchObject({ kind: "ok", delivered: [] });

    const left = entry(caller.run, owner, 3, { head: waiting, slots: { leave: ["a"] } });
    expect(await store.append(left)).toEqual({ kind: "ok", delivered: [caller.run] });
    const fourth = await store.claim(caller.run, "me");
    expect(await store.takeSlots(caller.run, fourth?.epoch ?? 0)).toBe(true);
    const end = entry(caller.run, fourth?.epoch ?? 0, 4, { head: ended() });
    await store.append(end);
    expect(await store.inbox(caller.run)).toEqual([]);
    expect(await store.runnable({ nowMs: 0, limit: 9 })).toEqual([late.run]);
  });

  check(
    "a run whose turn it is is told once, however many calls leave at once",
    async ({ store }) => {
      const [one, two] = [await begin(store), await begin(store)];
      const paths = Array.from({ length: 50 }, (_, at) => `p${at}`);
      await store.append(entry(one.run, one.epoch, 1, join(paths, 50)));
      await store.append(entry(two.run, two.epoch, 1, join(paths, 50)));
      expect(await store.takeSlots(one.run, one.epoch)).toBe(true);
      expect(await store.append(entry(one.run, one.epoch, 2, { slots: { leave: paths } }))).toEqual(
        {
          kind: "ok",
          delivered: [two.run],
        },
      );
    },
  );

  check("a call that leaves the line makes room for those behind it", async ({ store }) => {
    const [one, two, three] = [await begin(store), await begin(store), await begin(store)];
    await store.append(entry(one.run, one.epoch, 1, join(["x", "y"], 2)));
    await store.append(entry(two.run, two.epoch, 1, join(["z"], 2)));
    await store.append(entry(three.run, three.epoch, 1, { head: waiting, ...join(["w"], 2) }));
    expect(await store.takeSlots(two.run, two.epoch)).toBe(false);
    expect(await store.takeSlots(one.run, 99)).toBe(false);
    expect(await store.takeSlots(one.run, one.epoch)).toBe(true);
    expect((await store.inbox(one.run)).map(({ id }) => id)).toEqual(
      ["x", "y"].map((path) => `slot/${one.run}/${path}`),
    );
    // One gives back what it has not heard of, another stands in line no more.
    const leave = (paths: readonly string[]) => ({ slots: { leave: paths } });
    expect(await store.append(entry(one.run, one.epoch, 2, leave(["x", "nothing"])))).toEqual({
      kind: "ok",
      delivered: [two.run],
    });
    expect((await store.inbox(one.run)).map(({ id }) => id)).toEqual([`slot/${one.run}/y`]);
    expect(await store.append(entry(two.run, two.epoch, 2, leave(["z"])))).toEqual({
      kind: "ok",
      delivered: [three.run],
    });
    expect(await store.runnable({ nowMs: 0, limit: 9 })).toEqual([three.run]);
    const claimed = await store.claim(three.run, "me");
    expect(await store.takeSlots(three.run, claimed?.epoch ?? 0)).toBe(true);
    // A run that goes on is not held up by what one of its calls waits for.
    const busy = await begin(store);
    await store.append(entry(busy.run, busy.epoch, 1, join(["v"], 2)));
    await store.release(busy.run, busy.epoch);
    expect(await store.runnable({ nowMs: 0, limit: 9 })).toEqual([busy.run]);
  });

  check(
    "a start that replaces others leaves runs alone that only call the flow",
    async ({ store }) => {
      const caller = await begin(store);
      await store.append(entry(caller.run, caller.epoch, 1, join(["a"])));
      expect(await store.takeSlots(caller.run, caller.epoch)).toBe(true);
      const slots = [{ key: "k", limit: 1 }];
      const cancel = { id: "c", atMs: 5, reason: "r" };
      const { run } = await store.createRun(
        newRun({ slots, overlap: { kind: "replace", keys: ["k"], cancel } }),
      );
      expect((await store.inbox(caller.run)).map(({ kind }) => kind)).toEqual(["slot"]);
      const claimed = await store.claim(run, "me");
      const asked = { run, epoch: claimed?.epoch ?? 0, slots, states: [] };
      expect((await store.admit(asked)).kind).toBe("queued");
      const skip = newRun({ slots, overlap: { kind: "skip", keys: ["k"] } });
      expect(await store.createRun(skip)).toMatchObject({ skipped: true });
    },
  );
}
