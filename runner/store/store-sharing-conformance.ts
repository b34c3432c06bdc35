import { expect } from "vitest";

import type { ReceivedEvent } from "../../plan/history.ts";
import type { UsageRecord } from "../ports/usage-ledger.ts";
import type { PermitRequest, SharedLimit } from "../ports/permit-store.ts";
import {
  begin,
  checker,
  done,
  ended,
  entry,
  going,
  letter,
  newRun,
  type OpenStore,
} from "./store-scene-conformance.ts";

/** What every store promises about what processes share: the event log, limits, holds, deployments, and the reasons to wait. */
export function testSharing(open: OpenStore): void {
  testLog(open);
  testPermits(open);
  testControls(open);
  testReasons(open);
  testLedger(open);
}

function event(id: string): ReceivedEvent {
  return { id, topic: "t.a", time: "2024-01-01T00:00:00.000Z", data: { id } };
}

function testLog(open: OpenStore): void {
  const check = checker(open);

  check("a consumer reads what is published after it has subscribed", async ({ store, now }) => {
    await store.publish(event("old"));
    const from = await store.log.subscribe("c");
    expect(await store.log.read(from, 9)).toEqual([]);
    for (const id of ["e1", "e2", "e1", "e3"]) await store.publish(event(id));
    const read = await store.log.read(from, 2);
    expect(read.map((item) => [item.event, item.atMs])).toEqual([
      [event("e1"), now()],
      [event("e2"), now()],
    ]);
    const rest = await store.log.read(read[1]?.position ?? "", 9);
    expect(rest.map((item) => item.event.id)).toEqual(["e3"]);
    expect(await store.log.subscribe("c")).toBe(from);
    expect([await store.log.unsubscribe("c"), await store.log.unsubscribe("c")]).toEqual([
      true,
      false,
    ]);
  });

  check("a place in the log can get another name, and never skips an event", async ({ store }) => {
    const { log } = store;
    const place = await log.subscribe("old");
    await store.publish(event("e1"));
    expect(await log.rename("old", "new")).toBe(true);
    expect(await log.consumers()).toEqual(["new"]);
    expect(await log.subscribe("new")).toBe(place);
    expect(await log.rename("old", "new")).toBe(false);
    const later = await log.subscribe("later");
    expect(await log.rename("new", "later")).toBe(true);
    expect(await log.subscribe("later")).toBe(place);
    expect(later).not.toBe(place);
    await log.subscribe("last");
    expect(await log.rename("last", "later")).toBe(true);
    expect(await log.subscribe("later")).toBe(place);
    expect(await log.consumers()).toEqual(["later"]);
  });

  check("what follows from events is made once, whoever reads them", async ({ store }) => {
    const from = await store.log.subscribe("c");
    await store.publish(event("e1"));
    const [first] = await store.log.read(from, 9);
    const to = first?.position ?? "";
    const step = { consumer: "c", from, to, deadLetters: [letter("l1")] };
    const results = await Promise.all(
      [1, 2].map(() => store.log.consume({ ...step, starts: [newRun()] })),
    );
    expect(results.filter((result) => result === null)).toHaveLength(1);
    expect(results.find((result) => result !== null)).toMatchObject([{ existing: false }]);
    expect(await store.list({})).toHaveLength(1);
    const { input, ...head } = letter("l1");
    expect(await store.deadLetters({})).toEqual([head]);
    expect(await store.deadLetter("l1")).toEqual({ ...head, input });
    expect(await store.log.subscribe("c")).toBe(to);
    expect(await store.log.consume({ ...step, consumer: "nobody", starts: [] })).toBeNull();
  });

  check(
    "a large event reaches all who wait for it, and goes with the last of them",
    async (under) => {
      const { store } = under;
      const data = { pages: Array.from({ length: 5 }, (_, n) => `${n}`.repeat(50_000)) };
      const from = await store.log.subscribe("c");
      const runs: { readonly run: string; readonly epoch: number }[] = [];
      for (const topic of ["t", "t"]) {
        const { run, epoch } = await begin(store);
        await store.append(entry(run, epoch, 1, { waits: { put: [{ path: "w", topic }] } }));
        runs.push({ run, epoch });
      }
      const large = { ...event("e1"), topic: "t", data };
      expect(await store.publish(large)).toHaveLength(2);
      const { run: sender, epoch } = await begin(store);
      const sent = { ...large, id: "e2" };
      await store.append(entry(sender, epoch, 1, { publish: [sent] }));
      for (const { run } of runs)
        expect((await store.inbox(run)).map((item) => "event" in item && item.event)).toEqual([
          large,
          sent,
        ]);
      const read = await store.log.read(from, 9);
      expect(read.map((item) => item.event)).toEqual([large, sent]);
      const to = read[1]?.position ?? "";
      await store.log.consume({ consumer: "c", from, to, starts: [], deadLetters: [] });
      under.advance(10);
      expect(await store.log.trim({ beforeMs: under.now(), limit: 9 })).toBe(2);
      expect(await store.retention.sweepPayloads({ limit: 99 })).toBe(0);
      // The log has forgotten it; those who have not read it yet have not.
      expect(await store.inbox(runs[1]?.run ?? "")).toMatchObject([
        { event: large },
        { event: sent },
      ]);
      for (const one of [...runs, { run: sender, epoch }])
        await store.append(
          entry(one.run, one.epoch, 1, {
            head: ended({ ended: { atMs: 1, output: 1, error: null } }),
          }),
        );
      await store.retention.purgeRuns({ endedBeforeMs: 1e12, limit: 9 });
      // A store that keeps all values whole has nothing to sweep.
      expect([0, data.pages.length]).toContain(await store.retention.sweepPayloads({ limit: 99 }));
    },
  );

  check("events that all have passed are trimmed, others are kept", async (under) => {
    const { store } = under;
    const from = await store.log.subscribe("c");
    for (const id of ["e1", "e2", "e3"]) await store.publish(event(id));
    under.advance(1_000);
    await store.publish(event("e4"));
    const read = await store.log.read(from, 9);
    const to = read[1]?.position ?? "";
    await store.log.consume({ consumer: "c", from, to, starts: [], deadLetters: [] });
    const beforeMs = under.now();
    expect(await store.log.trim({ beforeMs, limit: 1 })).toBe(1);
    expect(await store.log.trim({ beforeMs, limit: 9 })).toBe(1);
    expect((await store.log.read(from, 9)).map((item) => item.event.id)).toEqual(["e3", "e4"]);
  });
}

function testPermits(open: OpenStore): void {
  const check = checker(open);
  const pair: SharedLimit = { key: "model m", atOnce: 2, rate: null };
  const rated: SharedLimit = { key: "model m", atOnce: null, rate: { count: 2, perMs: 1_000 } };
  const ask = (holder: string, limit: SharedLimit, session = "me"): PermitRequest => ({
    holder,
    session,
    limits: [limit],
  });

  check("a place is free when it is given back, or its session has ended", async (under) => {
    const { permits } = under.store;
    await under.store.beat("me", 9_000);
    await under.store.beat("other", 1_000);
    expect(await permits.take(ask("a", pair))).toEqual({ granted: true });
    expect(await permits.take(ask("a", pair))).toEqual({ granted: true });
    expect(await permits.take(ask("b", pair, "other"))).toEqual({ granted: true });
    expect(await permits.take(ask("c", pair))).toEqual({ granted: false, afterMs: null });
    await permits.giveBack(["a", "nobody"]);
    expect(await permits.take(ask("c", pair))).toEqual({ granted: true });
    expect(await permits.take(ask("d", pair))).toEqual({ granted: false, afterMs: null });
    under.advance(1_001);
    expect(await permits.take(ask("d", pair))).toEqual({ granted: true });
  });

  check("a rate holds in every window", async (under) => {
    const { permits } = under.store;
    await under.store.beat("me", 9_000);
    await permits.take(ask("a", rated));
    under.advance(600);
    await permits.take(ask("b", rated));
    await permits.giveBack(["a", "b"]);
    expect(await permits.take(ask("c", rated))).toEqual({ granted: false, afterMs: 400 });
    under.advance(400);
    expect(await permits.take(ask("c", rated))).toEqual({ granted: true });
    expect(await permits.take(ask("d", rated))).toEqual({ granted: false, afterMs: 600 });
  });

  check("a use counts from the latest time at which it may happen", async (under) => {
    const { permits } = under.store;
    await under.store.beat("me", 9_000);
    await permits.take({ ...ask("a", rated), slackMs: 300 });
    under.advance(100);
    await permits.take(ask("b", rated));
    expect(await permits.take(ask("c", rated))).toEqual({ granted: false, afterMs: 1_000 });
    under.advance(1_000);
    expect(await permits.take(ask("c", rated))).toEqual({ granted: true });
    expect(await permits.take(ask("d", rated))).toEqual({ granted: false, afterMs: 200 });
  });

  check("times that are given away hold a rate in every window", async (under) => {
    const { permits } = under.store;
    const rate = { count: 2, perMs: 1_000 };
    const times: number[] = [];
    const start = under.now();
    const reserve = async (): Promise<void> => {
      times.push((await permits.reserve("flow f", rate)) - start);
    };
    await reserve();
    under.advance(600);
    for (let asked = 0; asked < 4; asked += 1) await reserve();
    expect(times).toEqual([0, 600, 1_000, 1_600, 2_000]);
    expect((await permits.reserve("flow g", rate)) - start).toBe(600);
    under.advance(5_000);
    await reserve();
    expect(times.at(-1)).toBe(5_600);
  });

  check("one that is refused by one limit takes nothing of the others", async (under) => {
    const { permits } = under.store;
    await under.store.beat("me", 9_000);
    const one: SharedLimit = { key: "tool t", atOnce: 1, rate: { count: 9, perMs: 1_000 } };
    const full: SharedLimit = { key: "model m", atOnce: 1, rate: null };
    await permits.take(ask("a", full));
    const both = { holder: "b", session: "me", limits: [one, full] };
    expect(await permits.take(both)).toMatchObject({ granted: false });
    expect(await permits.take(ask("c", one))).toEqual({ granted: true });
  });
}

function testControls(open: OpenStore): void {
  const check = checker(open);

  check("runs of a flow that is held stand still until it is lifted", async ({ store, now }) => {
    const { holds } = store;
    const { run } = await store.createRun(newRun({ flow: "f" }));
    const other = await store.createRun(newRun({ flow: "g" }));
    await store.beat("me", 9_000);
    await holds.put({ flow: "f", reason: "r", atMs: 5 });
    await holds.put({ flow: "f", reason: "again", atMs: 6 });
    expect(await holds.list()).toEqual([{ flow: "f", reason: "r", atMs: 5 }]);
    expect(await store.runnable({ nowMs: now(), limit: 9 })).toEqual([other.run]);
    expect(await store.claim(run, "me")).toBeNull();
    await holds.put({ flow: null, reason: "all", atMs: 7 });
    expect(await store.runnable({ nowMs: now(), limit: 9 })).toEqual([]);
    expect(await store.claim(other.run, "me")).toBeNull();
    expect(await store.unexplained(9)).toEqual([]);
    expect([await holds.lift(null), await holds.lift("f"), await holds.lift("f")]).toEqual([
      true,
      true,
      false,
    ]);
    expect(await store.claim(run, "me")).not.toBeNull();
  });

  check("a program has one deployment, the newest", async ({ store }) => {
    const { deployments } = store;
    const first = {
      program: "p",
      planHash: "h",
      environment: "",
      folder: "/x",
      mocked: false,
      atMs: 1,
    };
    expect([await deployments.put(first, 1), await deployments.put(first, 0)]).toEqual([null, 1]);
    const second = { ...first, planHash: "h2", mocked: true, atMs: 2 };
    const replaced = await Promise.all([second, second].map((one) => deployments.put(one, 1)));
    expect(replaced.toSorted((left) => (left === null ? 1 : -1))).toEqual([2, null]);
    await deployments.put({ ...first, program: "a" }, 0);
    expect([await deployments.put(first, 0), await deployments.put(first, 1)]).toEqual([
      null,
      null,
    ]);
    expect(await deployments.list()).toEqual([
      { ...first, program: "a", edition: 1 },
      { ...second, edition: 2 },
    ]);
    expect([await deployments.remove("p"), await deployments.remove("p")]).toEqual([true, false]);
  });
}

function testReasons(open: OpenStore): void {
  const check = checker(open);

  check(
    "a run that waits for nothing is found, one that waits for something is not",
    async (under) => {
      const { store } = under;
      const waiting = { ...going, status: "waiting", release: true } as const;
      const stand = async (more: Parameters<typeof entry>[3]): Promise<string> => {
        const { run, epoch } = await begin(store);
        await store.append(entry(run, epoch, 1, { head: waiting, ...more }));
        return run;
      };
      const lost = await stand({});
      await stand({ head: { ...waiting, wakeAtMs: under.now() + 5_000 } });
      await stand({ head: { ...waiting, status: "paused" } });
      await stand({ waits: { put: [{ path: "f.s", topic: "t" }] } });
      await stand({
        tasks: {
          put: [
            {
              run: "x",
              path: "f.s",
              agent: "a",
              question: "q",
              schema: {},
              askedAtMs: 1,
              dueAtMs: null,
              channel: null,
              assignees: [],
              problem: null,
            },
          ],
        },
      });
      const addressed = await stand({});
      await store.deliver({ id: "i", run: addressed, atMs: 5, kind: "cancel", reason: "r" });
      await store.createRun(newRun());
      expect(await store.unexplained(9)).toEqual([lost]);
      // Its `cancelOn` moves it, but does not make it go on.
      const cancellable = await stand({ waits: { put: [{ path: "", topic: "stop" }] } });
      expect([...(await store.unexplained(9))].sort()).toEqual([lost, cancellable].sort());
    },
  );
}

function testLedger(open: OpenStore): void {
  const check = checker(open);
  const dayMs = 86_400_000;

  check(
    "what calls cost is summed by whatever is asked for, and outlives the run",
    async ({ store }) => {
      const { run, epoch } = await begin(store);
      const used = (seq: number, callee: string, day: number, cost: number): UsageRecord => ({
        seq,
        atMs: day * dayMs + 5,
        flow: "f",
        callee,
        model: callee === "a" ? "fast" : null,
        tokensIn: 10,
        tokensOut: 1,
        cost,
      });
      const usage = [used(2, "a", 1, 0.5), used(3, "a", 2, 0.25), used(4, "t", 2, 2)];
      const events = [done(2), done(3), done(4)];
      await store.append(entry(run, epoch, 1, { events, usage, head: ended() }));
      await store.retention.purgeRuns({ endedBeforeMs: 1e12, limit: 9 });
      const all = { fromMs: 0, untilMs: 9 * dayMs };
      const sum = (calls: number, cost: number) => ({
        calls,
        tokensIn: calls * 10,
        tokensOut: calls,
        cost,
      });
      const { ledger } = store;
      expect(await ledger.sum({ ...all, by: [] })).toEqual([{ group: {}, ...sum(3, 2.75) }]);
      expect(await ledger.sum({ ...all, by: ["callee", "model"] })).toEqual([
        { group: { callee: "t", model: null }, ...sum(1, 2) },
        { group: { callee: "a", model: "fast" }, ...sum(2, 0.75) },
      ]);
      expect(
        await ledger.sum({ fromMs: 2 * dayMs, untilMs: 3 * dayMs, by: ["day", "flow"], run }),
      ).toEqual([{ group: { day: "1970-01-03", flow: "f" }, ...sum(2, 2.25) }]);
      expect(await ledger.sum({ ...all, by: [], run: "other" })).toEqual([]);
    },
  );
}
