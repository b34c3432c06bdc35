import { expect } from "vitest";

import { sha256 as hashOf } from "../../base/sha256.ts";
import type { Json } from "../../plan/expression.ts";
import type { RunEvent } from "../../plan/history.ts";
import type { InboxItem } from "../ports/store.ts";
import {
  begin,
  checker,
  created,
  done,
  ended,
  entry,
  letter,
  newRun,
  type OpenStore,
} from "./store-scene-conformance.ts";

/** What every store promises about what is taken away when it is old. */
export function testRetention(open: OpenStore): void {
  const check = checker(open);

  check("old runs go, the oldest first, and what is still needed stays", async (under) => {
    const { store } = under;
    const finish = async (atMs: number) => {
      const { run, epoch } = await begin(store, { idempotencyKey: `key ${atMs}` });
      const head = ended({ ended: { atMs, output: "x".repeat(100_000), error: null } });
      await store.append(entry(run, epoch, 1, { head }));
      return run;
    };
    const [first, second, third] = [await finish(1_000), await finish(2_000), await finish(9_000)];
    const oldest = await finish(500);
    const { run: open } = await begin(store);
    const { retention } = store;
    expect(await retention.purgeRuns({ endedBeforeMs: 5_000, limit: 1 })).toBe(1);
    expect(await store.head(oldest)).toBeNull();
    expect(await retention.purgeRuns({ endedBeforeMs: 5_000, limit: 9 })).toBe(2);
    const left = await Promise.all([first, second, third, open].map((run) => store.head(run)));
    expect(left.map((head) => head !== null)).toEqual([false, false, true, true]);
    expect(await store.events(first, { afterSeq: 0 })).toEqual([]);
    expect(await store.output(third)).toBe("x".repeat(100_000));
    expect(await store.createRun(newRun({ idempotencyKey: "key 1000" }))).toMatchObject({
      existing: false,
    });
  });

  check("a run with an open dead letter stays until it is closed", async ({ store }) => {
    const { run, epoch } = await begin(store);
    const kept = { ...letter("l"), run };
    await store.append(entry(run, epoch, 1, { head: ended(), deadLetters: [kept] }));
    expect(await store.retention.purgeRuns({ endedBeforeMs: 1e12, limit: 9 })).toBe(0);
    await store.closeDeadLetter("l", "discarded", "r");
    expect(await store.retention.purgeRuns({ endedBeforeMs: 1e12, limit: 9 })).toBe(1);
    await store.retention.clearPurged({ limit: 99 });
    expect(await store.deadLetter("l")).toBeNull();
  });

  check("a long history goes in parts, and nobody sees it meanwhile", async ({ store }) => {
    const { retention } = store;
    const key = { idempotencyKey: "key" };
    const { run, epoch } = await begin(store, key);
    for (let seq = 1; seq <= 300; seq += 1) await store.append(entry(run, epoch, seq));
    const deadLetters = [1, 2, 3].map((n) => ({ ...letter(`l${n}`), run }));
    await store.append(entry(run, epoch, 301, { head: ended(), deadLetters }));
    for (const { id } of deadLetters) await store.closeDeadLetter(id, "discarded", "r");
    expect(await retention.purgeRuns({ endedBeforeMs: 1e12, limit: 9 })).toBe(1);
    await retention.clearPurged({ limit: 150 });
    expect(await store.head(run)).toBeNull();
    expect(await store.events(run, { afterSeq: 0 })).toEqual([]);
    expect(await store.startedWith("key")).toBeNull();
    expect([await store.list({}), await store.list({ flow: "f" })]).toEqual([[], []]);
    expect(await store.deliver(retryOf(run))).toBe(false);
    expect(await retention.purgeRuns({ endedBeforeMs: 1e12, limit: 9 })).toBe(0);

    const again = await begin(store, key);
    expect(await store.events(again.run, { afterSeq: 0 })).toHaveLength(1);
    await retention.clearPurged({ limit: 1_000 });
    expect(await retention.clearPurged({ limit: 9 })).toBe(0);
    expect(await store.events(again.run, { afterSeq: 0 })).toHaveLength(1);
    expect(await store.deadLetters({ run })).toEqual([]);
    expect((await store.list({})).map((head) => head.run)).toEqual([again.run]);
  });

  check("a run that somebody is about to retry stays", async ({ store }) => {
    const { retention } = store;
    const finish = async (): Promise<string> => {
      const { run, epoch } = await begin(store);
      await store.append(entry(run, epoch, 1, { head: ended() }));
      return run;
    };
    const [told, taken] = [await finish(), await finish()];
    await store.deliver(retryOf(told));
    await store.claim(taken, "me");
    expect(await retention.purgeRuns({ endedBeforeMs: 1e12, limit: 9 })).toBe(0);
    await store.endSession("me");
    expect(await retention.purgeRuns({ endedBeforeMs: 1e12, limit: 9 })).toBe(1);
    expect([await store.head(told), await store.head(taken)]).toMatchObject([{ run: told }, null]);
  });

  check("large values go with the last that refers to them", async ({ store }) => {
    const large = "y".repeat(100_000);
    const finish = async (): Promise<void> => {
      const { run, epoch } = await begin(store);
      const head = ended({ ended: { atMs: 2_000, output: large, error: null } });
      await store.append(entry(run, epoch, 1, { head }));
    };
    await finish();
    await finish();
    const { retention } = store;
    await retention.purgeRuns({ endedBeforeMs: 1e12, limit: 1 });
    await retention.clearPurged({ limit: 99 });
    await retention.sweepPayloads({ limit: 9 });
    const [left] = await store.list({});
    expect(await store.output(left?.run ?? "")).toBe(large);
    await retention.purgeRuns({ endedBeforeMs: 1e12, limit: 1 });
    await retention.clearPurged({ limit: 99 });
    await retention.sweepPayloads({ limit: 9 });
    await finish();
    const [again] = await store.list({});
    expect(await store.output(again?.run ?? "")).toBe(large);
  });

  check("a file goes when nothing mentions it any more, and not before", async (under) => {
    const { store } = under;
    const { retention } = store;
    const names = ["input", "outcome", "state", "quoted", "large", "unused"];
    const keep = (name: string) => store.writeFile(hashOf(bytesOf(name)), bytesOf(name));
    await Promise.all(names.map(keep));
    const first = { ...created("given", 1_000), input: { file: fileOf("input") } } as RunEvent;
    const { run, epoch } = await begin(store, { run: "given", events: [first] });
    await store.append(entry(run, epoch, 1, { events: [done(2, [fileOf("outcome")])] }));
    const text = `it says ${JSON.stringify(JSON.stringify(fileOf("quoted")))}`;
    const data = {
      large: fileOf("large"),
      long: Array.from({ length: 9_000 }, () => "0123456789"),
    };
    await store.append(
      entry(run, epoch, 2, {
        events: [done(3, text)],
        states: [{ flow: "f", name: "n", key: "k", value: { of: fileOf("state") }, atMs: 1 }],
        publish: [{ id: "e", topic: "t", time: "2024-01-01T00:00:00.000Z", data }],
        head: ended(),
      }),
    );
    const stored = async (): Promise<readonly boolean[]> =>
      Promise.all(
        names.map(async (name) => (await store.readFile(hashOf(bytesOf(name)))) !== null),
      );
    const sweep = async (filesBeforeMs: number): Promise<void> => {
      await retention.clearPurged({ limit: 99 });
      // The parts of a large file go after it.
      for (let count = 1; count > 0;)
        count = await retention.sweepPayloads({ limit: 99, filesBeforeMs });
    };

    under.advance(1_000);
    await sweep(under.now() - 1_000);
    expect(await stored()).toEqual([true, true, true, true, true, true]);
    await keep("unused");
    await sweep(under.now());
    expect(await stored()).toEqual([true, true, true, true, true, true]);
    under.advance(1);
    await sweep(under.now());
    expect(await stored()).toEqual([true, true, true, true, true, false]);
    await retention.purgeRuns({ endedBeforeMs: 1e12, limit: 9 });
    await sweep(under.now());
    expect(await stored()).toEqual([false, false, true, false, true, false]);
    await store.log.trim({ beforeMs: under.now(), limit: 9 });
    await sweep(under.now());
    expect(await stored()).toEqual([false, false, true, false, false, false]);
    const { run: next, epoch: again } = await begin(store);
    const states = [{ flow: "f", name: "n", key: "k", value: null, atMs: 2 }];
    await store.append(entry(next, again, 1, { states }));
    await sweep(under.now());
    expect(await stored()).toEqual([false, false, false, false, false, false]);
    await keep("large");
    const read = await store.readFile(hashOf(bytesOf("large")));
    expect(Buffer.compare(read ?? new Uint8Array(), bytesOf("large"))).toBe(0);
  });

  check("records of old ticks go", async ({ store }) => {
    const { schedules } = store;
    const since = { id: "s", program: "p", flow: "f", planHash: "h", trigger: 0, sinceMs: 0 };
    await schedules.put(since);
    const skips = [1, 2, 3].map((atMs) => ({ atMs, reason: "misfire" }) as const);
    const firing = { schedule: "s", decidedUntilMs: 0, untilMs: 5, starts: [], deadLetters: [] };
    await schedules.fire({ ...firing, skips });
    expect(await store.retention.purgeTicks({ beforeMs: 3, limit: 1 })).toBe(1);
    expect(await store.retention.purgeTicks({ beforeMs: 3, limit: 9 })).toBe(1);
    expect((await schedules.ticks({ schedule: "s" })).map(({ atMs }) => atMs)).toEqual([3]);
  });
}

function bytesOf(name: string): Uint8Array {
  const text = name === "large" ? name.repeat(500_000) : name;
  return new TextEncoder().encode(text);
}

function fileOf(name: string): { readonly [field: string]: Json } {
  const bytes = bytesOf(name);
  return { name, mime: "text/plain", size: bytes.length, sha256: hashOf(bytes) };
}

function retryOf(run: string): InboxItem {
  return { id: `retry ${run}`, run, atMs: 5, kind: "retry", planHash: "h" };
}
