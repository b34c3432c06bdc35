import { expect, test } from "vitest";

import type { Json } from "../../plan/expression.ts";
import type { RunEvent } from "../../plan/history.ts";
import type { AppendEntry, HeadChange, NewRun, Store } from "../ports/store.ts";

/** A store under test on a clock that is moved by hand. */
export interface StoreUnderTest {
  readonly store: Store;
  advance(ms: number): void;
  now(): number;
}

const going: HeadChange = { status: "running", wakeAtMs: null, waitsFor: null, cost: 0, tokensIn: 0, tokensOut: 0 };

/** What every store promises: each adapter runs this suite. */
export function testStore(open: () => Promise<StoreUnderTest>): void {
  let count = 0;
  const newRun = (more: Partial<NewRun> = {}): NewRun => {
    const run = more.run ?? `run-${String((count += 1)).padStart(4, "0")}`;
    const events = [created(run, 1_000)];
    return { run, planHash: "h", flow: "f", idempotencyKey: null, priority: 5, wakeAtMs: null, events, ...more };
  };
  const created = (run: string, atMs: number, input: { readonly [param: string]: Json } = {}): RunEvent => ({
    kind: "run.created",
    seq: 1,
    atMs,
    run,
    planHash: "h",
    flow: "f",
    input,
    environment: "test",
    config: {},
    trigger: null,
    continuation: 0,
  });
  const done = (seq: number, output: Json = null, path = `f.s${seq}@1`): RunEvent => ({
    kind: "activity.succeeded",
    seq,
    atMs: 1_000 + seq,
    path,
    attempt: 1,
    output,
  });
  const entry = (run: string, epoch: number, expectedSeq: number, more: Partial<AppendEntry> = {}): AppendEntry => ({
    run,
    epoch,
    expectedSeq,
    events: [done(expectedSeq + 1)],
    head: going,
    ...more,
  });
  const begin = async (store: Store, more: Partial<NewRun> = {}): Promise<{ run: string; epoch: number }> => {
    const { run } = await store.createRun(newRun(more));
    await store.beat("me", 9_000);
    const claimed = await store.claim(run, "me");
    expect(claimed).not.toBeNull();
    return { run, epoch: claimed?.epoch ?? 0 };
  };
  const ended = (more: Partial<HeadChange> = {}): HeadChange => ({
    ...going,
    status: "succeeded",
    ended: { atMs: 2_000, output: 1, error: null },
    ...more,
  });
  const check = (name: string, body: (under: StoreUnderTest) => Promise<void>): void => {
    test(name, async () => {
      const under = await open();
      try {
        await body(under);
      } finally {
        await under.store.close();
      }
    });
  };

  check("a new run has its head and its first event, and is created once per key", async ({ store }) => {
    const { run } = await store.createRun(newRun({ idempotencyKey: "k" }));
    expect(await store.createRun(newRun({ idempotencyKey: "k" }))).toEqual({ run, existing: true });
    expect(await store.head(run)).toMatchObject({ run, flow: "f", status: "queued", seq: 1, createdAtMs: 1_000, endedAtMs: null });
    expect(await store.events(run, { afterSeq: 0 })).toEqual([created(run, 1_000)]);
    expect([await store.head("nope"), await store.claim("nope", "me")]).toEqual([null, null]);
    const both = await Promise.all([newRun({ idempotencyKey: "x" }), newRun({ idempotencyKey: "x" })].map((item) => store.createRun(item)));
    expect(new Set(both.map((item) => item.run)).size).toBe(1);
  });

  check("events are appended in order, read from anywhere, and the head follows", async ({ store }) => {
    const { run, epoch } = await begin(store);
    const head = { ...going, cost: 0.25, tokensIn: 7, tokensOut: 3 };
    expect(await store.append(entry(run, epoch, 1, { events: [done(2), done(3)], head }))).toEqual({ kind: "ok", delivered: [] });
    expect(await store.append(entry(run, epoch, 3, { head: { ...head, status: "waiting", wakeAtMs: 5_000, waitsFor: "a timer" } }))).toMatchObject({ kind: "ok" });
    const seqs = async (afterSeq: number, limit?: number): Promise<number[]> =>
      (await store.events(run, { afterSeq, ...(limit === undefined ? {} : { limit }) })).map((event) => event.seq);
    expect([await seqs(0), await seqs(2), await seqs(1, 2), await seqs(4)]).toEqual([[1, 2, 3, 4], [3, 4], [2, 3], []]);
    expect(await store.head(run)).toMatchObject({ seq: 4, status: "waiting", wakeAtMs: 5_000, waitsFor: "a timer", cost: 0.25, tokensIn: 7, tokensOut: 3 });
  });

  check("an append on a history that is longer or shorter than expected changes nothing", async ({ store }) => {
    const { run, epoch } = await begin(store);
    expect(await store.append(entry(run, epoch, 4))).toEqual({ kind: "conflict", seq: 1 });
    await store.append(entry(run, epoch, 1));
    expect(await store.append(entry(run, epoch, 1))).toEqual({ kind: "conflict", seq: 2 });
    expect((await store.events(run, { afterSeq: 0 })).length).toBe(2);
  });

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

  check("a run has one owner, until its session is silent too long; then the old one is fenced", async ({ store, advance }) => {
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
  });

  check("a lease that is renewed lasts, and an ended session frees its runs at once", async ({ store, advance }) => {
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
  });

  check("a released run can be claimed, and its old epoch is fenced", async ({ store }) => {
    const { run, epoch } = await begin(store);
    await store.release(run, epoch);
    expect(await store.append(entry(run, epoch, 1))).toEqual({ kind: "fenced" });
    const again = await store.claim(run, "me");
    expect(again?.epoch).toBe(epoch + 1);
    expect(await store.append(entry(run, epoch + 1, 1, { head: { ...going, status: "waiting", release: true } }))).toMatchObject({ kind: "ok" });
    expect(await store.append(entry(run, epoch + 1, 2))).toEqual({ kind: "fenced" });
    expect((await store.head(run))?.owner ?? null).toBeNull();
  });

  check("an ended run keeps its outcome, has no owner, and its slots, tasks and waits are gone", async ({ store }) => {
    const { run, epoch } = await begin(store);
    await store.admit({ run, epoch, slots: [{ key: "k", limit: 1 }], states: [] });
    const task = { run, path: "p", agent: "a", question: "?", schema: {}, askedAtMs: 1, dueAtMs: null, channel: null, assignees: [], problem: null };
    await store.append(entry(run, epoch, 1, { tasks: { put: [task] }, waits: { put: [{ path: "w", topic: "t" }] } }));
    expect(await store.tasks()).toEqual([task]);
    await store.append(entry(run, epoch, 2, { head: ended({ ended: { atMs: 9, output: { a: [1] }, error: null } }) }));
    expect(await store.head(run)).toMatchObject({ status: "succeeded", endedAtMs: 9, output: { a: [1] }, error: null, waitsFor: null });
    expect([await store.tasks(run), await store.publish({ id: "e", topic: "t", time: "", data: 1 })]).toEqual([[], []]);
    expect(await store.runnable({ nowMs: 9e12, limit: 10 })).toEqual([]);
    const next = await begin(store);
    expect(await store.admit({ ...next, slots: [{ key: "k", limit: 1 }], states: [] })).toMatchObject({ kind: "admitted" });
  });

  check("slots are taken all or none, queued for in order, and free with the run's end", async ({ store }) => {
    const runs = await Promise.all([begin(store), begin(store), begin(store)]);
    const [a, b, c] = runs as [typeof runs[0] & object, typeof runs[0] & object, typeof runs[0] & object];
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
    expect((await ask({ run: b.run, epoch: again?.epoch ?? 0 }, ["y", "x"])).kind).toBe("admitted");
    expect((await store.admit({ run: a.run, epoch: 99, slots: [{ key: "z", limit: 1 }], states: [] })).kind).toBe("fenced");
  });

  check("state is stored with the step, read under a slot, and found under its former name", async ({ store }) => {
    const { run, epoch } = await begin(store);
    const address = { flow: "f", name: "memo", key: "u1" };
    const empty = { name: "memo", key: "u1", stored: null };
    expect(await store.admit({ run, epoch, slots: [{ key: "s", limit: 1 }], states: [address] })).toEqual({ kind: "admitted", states: [empty] });
    await store.append(entry(run, epoch, 1, { states: [{ ...address, value: { a: 1 }, atMs: 77 }] }));
    expect(await store.readState(address)).toEqual({ name: "memo", key: "u1", stored: { value: { a: 1 }, atMs: 77 } });
    expect(await store.readState({ ...address, name: "new", was: "memo" })).toMatchObject({ stored: { value: { a: 1 } } });
    expect(await store.readState({ ...address, key: "u2" })).toMatchObject({ stored: null });
  });

  check("an inbox item wakes its run, is taken with the step that folds it, and arrives once", async ({ store }) => {
    const { run, epoch } = await begin(store);
    await store.append(entry(run, epoch, 1, { head: { ...going, status: "waiting", release: true } }));
    expect(await store.runnable({ nowMs: 0, limit: 10 })).toEqual([]);
    const item = { id: "i1", run, atMs: 5, kind: "cancel", reason: "why" } as const;
    expect([await store.deliver(item), await store.deliver(item), await store.deliver({ ...item, run: "nope" })]).toEqual([true, true, false]);
    expect(await store.inbox(run)).toEqual([item]);
    expect(await store.runnable({ nowMs: 0, limit: 10 })).toEqual([run]);
    const claimed = await store.claim(run, "me");
    await store.append(entry(run, claimed?.epoch ?? 0, 2, { taken: ["i1"], head: ended() }));
    expect([await store.inbox(run), await store.deliver({ ...item, id: "i2" })]).toEqual([[], false]);
    expect(await store.deliver({ id: "i3", run, atMs: 6, kind: "retry", planHash: "h" })).toBe(true);
    expect(await store.runnable({ nowMs: 0, limit: 10 })).toEqual([run]);
    const revived = await store.claim(run, "me");
    expect(await store.append(entry(run, revived?.epoch ?? 0, 3, { taken: ["i3"] }))).toMatchObject({ kind: "ok" });
    expect(await store.head(run)).toMatchObject({ status: "running", endedAtMs: null });
  });

  check("an event reaches every run that waits for its topic, once per id, also from a step", async ({ store }) => {
    const one = await begin(store);
    const two = await begin(store);
    await store.append(entry(one.run, one.epoch, 1, { waits: { put: [{ path: "w", topic: "a.b" }, { path: "", topic: "a.*" }] } }));
    await store.append(entry(two.run, two.epoch, 1, { waits: { put: [{ path: "w", topic: "z" }] } }));
    const event = { id: "e1", topic: "a.b", time: "2026-11-20T00:00:00.000Z", data: { n: 1 } };
    expect([await store.publish(event), await store.publish(event)]).toEqual([[one.run], []]);
    expect(await store.inbox(one.run)).toMatchObject([
      { kind: "event", path: "", event },
      { kind: "event", path: "w", event },
    ]);
    const more = { ...event, id: "e2", topic: "z" };
    expect(await store.append(entry(one.run, one.epoch, 2, { publish: [more, more], waits: { withdraw: ["w"] } }))).toEqual({ kind: "ok", delivered: [two.run] });
    expect((await store.inbox(two.run)).length).toBe(1);
    await store.publish({ ...event, id: "e3" });
    expect((await store.inbox(one.run)).length).toBe(3);
  });

  check("runs are due by priority, then age, and not before their time", async ({ store }) => {
    const low = await store.createRun(newRun({ priority: 1 }));
    const high = await store.createRun(newRun({ priority: 10 }));
    const late = await store.createRun(newRun({ priority: 10, wakeAtMs: 5_000 }));
    expect(await store.runnable({ nowMs: 4_999, limit: 10 })).toEqual([high.run, low.run]);
    expect(await store.nextWakeAtMs()).toBe(5_000);
    expect(await store.runnable({ nowMs: 5_000, limit: 10 })).toEqual([high.run, late.run, low.run]);
    expect(await store.runnable({ nowMs: 5_000, limit: 1 })).toEqual([high.run]);
    const waiting = await begin(store);
    await store.append(entry(waiting.run, waiting.epoch, 1, { head: { ...going, status: "waiting", wakeAtMs: 3_000, release: true } }));
    expect(await store.nextWakeAtMs()).toBe(3_000);
    expect(await store.runnable({ nowMs: 3_000, limit: 10 })).toContain(waiting.run);
  });

  check("lists are newest first, by status and flow, in pages", async ({ store }) => {
    const runs = [await begin(store), await begin(store, { flow: "g" }), await begin(store)].map((item) => item.run);
    const list = async (filter: Parameters<Store["list"]>[0]): Promise<string[]> => (await store.list(filter)).map((head) => head.run);
    expect(await list({})).toEqual(runs.toReversed());
    expect(await list({ limit: 1, before: runs[2] ?? "" })).toEqual([runs[1]]);
    expect([await list({ flow: "g" }), await list({ status: ["failed"] })]).toEqual([[runs[1]], []]);
  });

  check("the cache forgets in time", async ({ store }) => {
    const { run, epoch } = await begin(store);
    await store.append(entry(run, epoch, 1, { remember: [{ key: "k", value: [1], untilMs: 9e12 }] }));
    expect([await store.recall("k", 9e12 - 1), await store.recall("k", 9e12), await store.recall("x", 0)]).toEqual([{ value: [1] }, null, null]);
  });

  check("a dead letter is open until it is closed once", async ({ store }) => {
    const { run, epoch } = await begin(store);
    const error = { code: "timeout", message: "m", step: "f.s", attempts: 2 };
    const letter = { id: "d1", run, flow: "f", queue: "q", path: null, input: { a: 1 }, errors: [error], atMs: 5, status: "open" } as const;
    await store.append(entry(run, epoch, 1, { deadLetters: [letter] }));
    expect([await store.deadLetters({ queue: "q" }), await store.deadLetter("d1"), await store.deadLetter("x")]).toEqual([[letter], letter, null]);
    expect([await store.closeDeadLetter("d1", "discarded", "old"), await store.closeDeadLetter("d1", "retried", "")]).toEqual([true, false]);
    expect(await store.deadLetters({ run, status: "open" })).toEqual([]);
    expect(await store.deadLetter("d1")).toEqual({ ...letter, status: "discarded", reason: "old" });
  });

  check("a step can start further runs, and leave a snapshot", async ({ store }) => {
    const { run, epoch } = await begin(store);
    const next = newRun({ wakeAtMs: 7_000 });
    await store.append(entry(run, epoch, 1, { starts: [next], snapshot: { folded: [1, 2] }, head: ended() }));
    expect(await store.head(next.run)).toMatchObject({ status: "queued", wakeAtMs: 7_000 });
    expect(await store.snapshot(run)).toEqual({ seq: 2, state: { folded: [1, 2] } });
    expect(await store.snapshot(next.run)).toBeNull();
  });

  check("large and awkward values come back as they were", async ({ store }) => {
    const { run, epoch } = await begin(store);
    const large = "long text ".repeat(10_000);
    const awkward: Json = { "$agentflow.payload": "x", "$agentflow.payload!": [{ "$agentflow.payload": 1 }], "é\u2028": "\ud83d\ude00" };
    const values: Json[] = [{ doc: large, other: [large, large] }, awkward, Array(20_000).fill(0), { mixed: [awkward, large] }, "y".repeat(3_000_000)];
    for (const [index, value] of values.entries()) {
      expect(await store.append(entry(run, epoch, index + 1, { events: [done(index + 2, value)] }))).toMatchObject({ kind: "ok" });
    }
    const outputs = (await store.events(run, { afterSeq: 1 })).map((event) => (event.kind === "activity.succeeded" ? event.output : null));
    expect(outputs).toEqual(values);
    const seq = values.length + 1;
    await store.append(entry(run, epoch, seq, { states: [{ flow: "f", name: "n", key: "k", value: large, atMs: 1 }], head: ended({ ended: { atMs: 1, output: awkward, error: null } }) }));
    expect((await store.readState({ flow: "f", name: "n", key: "k" })).stored?.value).toBe(large);
    expect((await store.head(run))?.output).toEqual(awkward);
  });

  check("files are kept by their hash", async ({ store }) => {
    const bytes = new Uint8Array(2_000_000).fill(7);
    const { sha256 } = await import("../../base/sha256.ts");
    await store.writeFile(sha256(bytes), bytes);
    const read = await store.readFile(sha256(bytes));
    expect(read === null ? null : Buffer.compare(read, bytes)).toBe(0);
    expect(await store.readFile("none")).toBeNull();
  });
}
