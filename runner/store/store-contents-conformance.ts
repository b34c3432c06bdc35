import { expect } from "vitest";

import type { Json } from "../../plan/expression.ts";
import type { RunFilter, Store } from "../ports/store.ts";
import {
  begin,
  checker,
  done,
  ended,
  entry,
  going,
  newRun,
  type OpenStore,
} from "./store-scene-conformance.ts";

/** What every store promises about what it keeps beside histories. */
export function testContents(open: OpenStore): void {
  const check = checker(open);

  check("runs are listed by status and flow, the newest first", async ({ store }) => {
    const of: Record<string, string> = {};
    for (const flow of ["f", "g"]) {
      for (const status of ["waiting", "failed", "paused", "running"] as const) {
        const { run, epoch } = await begin(store, { flow });
        of[`${flow} ${status}`] = run;
        const error = { code: "c", message: "m", step: "s", attempts: 1 };
        const head =
          status === "failed"
            ? ended({ status, ended: { atMs: 9, output: null, error } })
            : { ...going, status, release: status !== "running" };
        await store.append(entry(run, epoch, 1, { head }));
      }
      of[`${flow} queued`] = (await store.createRun(newRun({ flow }))).run;
    }
    const listed = async (filter: RunFilter): Promise<readonly (string | undefined)[]> =>
      (await store.list(filter)).map(({ run }) => Object.keys(of).find((name) => of[name] === run));
    expect(await listed({ flow: "g" })).toEqual([
      "g queued",
      "g running",
      "g paused",
      "g failed",
      "g waiting",
    ]);
    for (const status of ["waiting", "failed", "paused", "running", "queued"] as const) {
      expect(await listed({ status: [status] })).toEqual([`g ${status}`, `f ${status}`]);
      expect(await listed({ status: [status], flow: "f" })).toEqual([`f ${status}`]);
    }
    expect(await listed({ status: ["failed", "running", "queued"], limit: 3 })).toEqual([
      "g queued",
      "g running",
      "g failed",
    ]);
    const before = of["g failed"] ?? "";
    expect(await listed({ status: ["waiting", "failed"], before })).toEqual([
      "g waiting",
      "f failed",
      "f waiting",
    ]);
    expect([await listed({ status: [] }), await listed({ status: ["succeeded"] })]).toEqual([
      [],
      [],
    ]);
  });

  check(
    "an ended run keeps its outcome, has no owner, and its slots, tasks and waits are gone",
    async ({ store }) => {
      const { run, epoch } = await begin(store);
      await store.admit({ run, epoch, slots: [{ key: "k", limit: 1 }], states: [] });
      const task = {
        run,
        path: "p",
        agent: "a",
        question: "?",
        schema: {},
        askedAtMs: 1,
        dueAtMs: null,
        channel: null,
        assignees: [],
        problem: null,
      };
      await store.append(
        entry(run, epoch, 1, {
          tasks: { put: [task] },
          waits: { put: [{ path: "w", topic: "t" }] },
        }),
      );
      expect(await store.tasks()).toEqual([task]);
      await store.append(
        entry(run, epoch, 2, {
          head: ended({ ended: { atMs: 9, output: { a: [1] }, error: null } }),
        }),
      );
      expect(await store.output(run)).toEqual({ a: [1] });
      expect(await store.head(run)).toMatchObject({
        status: "succeeded",
        endedAtMs: 9,
        error: null,
        waitsFor: null,
      });
      expect([
        await store.tasks(run),
        await store.publish({ id: "e", topic: "t", time: "", data: 1 }),
      ]).toEqual([[], []]);
      expect(await store.runnable({ nowMs: 9e12, limit: 10 })).toEqual([]);
      const next = await begin(store);
      expect(
        await store.admit({ ...next, slots: [{ key: "k", limit: 1 }], states: [] }),
      ).toMatchObject({ kind: "admitted" });
    },
  );

  check(
    "state is stored with the step, read under a slot, and found under its former name",
    async ({ store }) => {
      const { run, epoch } = await begin(store);
      const address = { flow: "f", name: "memo", key: "u1" };
      const empty = { name: "memo", key: "u1", stored: null };
      expect(
        await store.admit({ run, epoch, slots: [{ key: "s", limit: 1 }], states: [address] }),
      ).toEqual({ kind: "admitted", states: [empty] });
      await store.append(
        entry(run, epoch, 1, { states: [{ ...address, value: { a: 1 }, atMs: 77 }] }),
      );
      expect(await store.readState(address)).toEqual({
        name: "memo",
        key: "u1",
        stored: { value: { a: 1 }, atMs: 77 },
      });
      expect(await store.readState({ ...address, name: "new", was: "memo" })).toMatchObject({
        stored: { value: { a: 1 } },
      });
      expect(await store.readState({ ...address, key: "u2" })).toMatchObject({ stored: null });
    },
  );

  check(
    "an event reaches every run that waits for its topic, once per id, also from a step",
    async ({ store }) => {
      const one = await begin(store);
      const two = await begin(store);
      await store.append(
        entry(one.run, one.epoch, 1, {
          waits: {
            put: [
              { path: "w", topic: "a.b" },
              { path: "", topic: "a.*" },
            ],
          },
        }),
      );
      await store.append(
        entry(two.run, two.epoch, 1, { waits: { put: [{ path: "w", topic: "z" }] } }),
      );
      const event = { id: "e1", topic: "a.b", time: "2026-11-20T00:00:00.000Z", data: { n: 1 } };
      expect([await store.publish(event), await store.publish(event)]).toEqual([[one.run], []]);
      expect(await store.inbox(one.run)).toMatchObject([
        { kind: "event", path: "", event },
        { kind: "event", path: "w", event },
      ]);
      const more = { ...event, id: "e2", topic: "z" };
      expect(
        await store.append(
          entry(one.run, one.epoch, 2, { publish: [more, more], waits: { withdraw: ["w"] } }),
        ),
      ).toEqual({ kind: "ok", delivered: [two.run] });
      expect((await store.inbox(two.run)).length).toBe(1);
      await store.publish({ ...event, id: "e3" });
      expect((await store.inbox(one.run)).length).toBe(3);
      expect(await store.inbox(one.run, 2)).toMatchObject([
        { path: "", event },
        { path: "w", event },
      ]);
    },
  );

  check("lists are newest first, by status and flow, in pages", async ({ store }) => {
    const runs = [await begin(store), await begin(store, { flow: "g" }), await begin(store)].map(
      (item) => item.run,
    );
    const list = async (filter: Parameters<Store["list"]>[0]): Promise<string[]> =>
      (await store.list(filter)).map((head) => head.run);
    expect(await list({})).toEqual(runs.toReversed());
    expect(await list({ limit: 1, before: runs[2] ?? "" })).toEqual([runs[1]]);
    expect([await list({ flow: "g" }), await list({ status: ["failed"] })]).toEqual([
      [runs[1]],
      [],
    ]);
  });

  check("the cache forgets in time", async ({ store }) => {
    const { run, epoch } = await begin(store);
    await store.append(
      entry(run, epoch, 1, { remember: [{ key: "k", value: [1], untilMs: 9e12 }] }),
    );
    expect([
      await store.recall("k", 9e12 - 1),
      await store.recall("k", 9e12),
      await store.recall("x", 0),
    ]).toEqual([{ value: [1] }, null, null]);
  });

  check(
    "texts of cached calls are found by their group, the newest first, until they are too old",
    async ({ store }) => {
      const keep = (group: string, key: string, direction: number, untilMs = 9e12): Promise<void> =>
        store.keepVector({ group, key, vector: Int8Array.of(direction, -127, 0), untilMs });
      await keep("g", "a", 1);
      await keep("g", "b", 2);
      await keep("g", "old", 3, 8e12);
      await keep("other", "c", 4);
      await keep("g", "a", 5);
      const found = await store.vectors({ group: "g", nowMs: 8e12, limit: 9 });
      expect(found.map(({ key, vector }) => [key, ...vector])).toEqual([
        ["a", 5, -127, 0],
        ["b", 2, -127, 0],
      ]);
      expect(await store.vectors({ group: "g", nowMs: 8e12, limit: 1 })).toHaveLength(1);
      expect(await store.vectors({ group: "none", nowMs: 0, limit: 9 })).toEqual([]);
    },
  );

  check("a dead letter is open until it is closed once", async ({ store }) => {
    const { run, epoch } = await begin(store);
    const error = { code: "timeout", message: "m", step: "f.s", attempts: 2 };
    const input = { a: 1 };
    const head = {
      id: "d1",
      run,
      flow: "f",
      queue: "q",
      path: null,
      errors: [error],
      atMs: 5,
      status: "open",
    } as const;
    const letter = { ...head, input };
    await store.append(entry(run, epoch, 1, { deadLetters: [letter] }));
    expect([
      await store.deadLetters({ queue: "q" }),
      await store.deadLetter("d1"),
      await store.deadLetter("x"),
    ]).toEqual([[head], letter, null]);
    expect([
      await store.closeDeadLetter("d1", "discarded", "old"),
      await store.closeDeadLetter("d1", "retried", ""),
    ]).toEqual([true, false]);
    expect(await store.deadLetters({ run, status: "open" })).toEqual([]);
    expect(await store.deadLetter("d1")).toEqual({ ...letter, status: "discarded", reason: "old" });
  });

  check("dead letters and questions are read in pages, however large they are", async (under) => {
    const { store } = under;
    const large = `large ${"x".repeat(100_000)}`;
    const asked = { agent: "a", schema: {}, askedAtMs: 1, dueAtMs: null, channel: null };
    const rest = { ...asked, assignees: [], problem: null };
    const error = { code: "timeout", message: "m", step: "f.s", attempts: 2 };
    const kept = { flow: "f", queue: "q", errors: [error], atMs: 5 } as const;
    const runs: string[] = [];
    for (const n of [1, 2, 3]) {
      const { run, epoch } = await begin(store);
      const put = ["p", "q"].map((path) => ({ ...rest, run, path, question: `${path} ${large}` }));
      const path = [null, "f.s[1]", "f.s!undo"][n - 1] ?? null;
      const letter = {
        ...kept,
        id: `d${n}`,
        run,
        path,
        input: { n, large },
        status: "open",
      } as const;
      await store.append(entry(run, epoch, 1, { tasks: { put }, deadLetters: [letter] }));
      runs.push(run);
    }
    const ids = async (filter: Parameters<typeof store.deadLetters>[0]) =>
      (await store.deadLetters({ status: "open", ...filter })).map(({ id }) => id);
    expect([await ids({ limit: 2 }), await ids({ after: "d2" })]).toEqual([["d1", "d2"], ["d3"]]);
    expect([await ids({ withoutItems: true }), await ids({ paths: ["f.s[1]", "x"] })]).toEqual([
      ["d1", "d3"],
      ["d2"],
    ]);
    expect(await store.deadLetter("d2")).toMatchObject({ input: { n: 2, large } });
    const [run = "", second = ""] = runs;
    const pages = [
      await store.tasks(undefined, { limit: 3 }),
      await store.tasks(undefined, { limit: 9, after: { run: second, path: "p" } }),
      await store.tasks(run, { limit: 9, after: { run, path: "p" } }),
    ];
    expect(pages.map((page) => page.map((task) => [task.run, task.path]))).toEqual([
      [
        [run, "p"],
        [run, "q"],
        [second, "p"],
      ],
      [
        [second, "q"],
        [runs[2], "p"],
        [runs[2], "q"],
      ],
      [[run, "q"]],
    ]);
    expect(pages[2]?.[0]?.question).toBe(`q ${large}`);
    for (const id of ["d1", "d2", "d3"]) await store.closeDeadLetter(id, "discarded", "r");
    await store.retention.sweepPayloads({ limit: 99 });
    expect(await store.deadLetter("d2")).toMatchObject({ input: { n: 2, large } });
    expect((await store.tasks(run))[1]?.question).toBe(`q ${large}`);
  });

  check("a step can start further runs, and leave a snapshot", async ({ store }) => {
    const { run, epoch } = await begin(store);
    const next = newRun({ wakeAtMs: 7_000 });
    await store.append(
      entry(run, epoch, 1, { starts: [next], snapshot: { folded: [1, 2] }, head: ended() }),
    );
    expect(await store.head(next.run)).toMatchObject({ status: "queued", wakeAtMs: 7_000 });
    expect(await store.snapshot(run)).toEqual({ seq: 2, state: { folded: [1, 2] } });
    expect(await store.snapshot(next.run)).toBeNull();
  });

  check("large and awkward values come back as they were", async ({ store }) => {
    const { run, epoch } = await begin(store);
    const large = "long text ".repeat(10_000);
    const awkward: Json = {
      "$agentflow.payload": "x",
      "$agentflow.payload!": [{ "$agentflow.payload": 1 }],
      "é\u2028": "\ud83d\ude00",
    };
    const values: Json[] = [
      { doc: large, other: [large, large] },
      awkward,
      Array(20_000).fill(0),
      { mixed: [awkward, large] },
      "y".repeat(3_000_000),
    ];
    for (const [index, value] of values.entries()) {
      expect(
        await store.append(entry(run, epoch, index + 1, { events: [done(index + 2, value)] })),
      ).toMatchObject({ kind: "ok" });
    }
    const outputs = (await store.events(run, { afterSeq: 1 })).map((event) =>
      event.kind === "activity.succeeded" ? event.output : null,
    );
    expect(outputs).toEqual(values);
    const seq = values.length + 1;
    await store.append(
      entry(run, epoch, seq, {
        states: [{ flow: "f", name: "n", key: "k", value: large, atMs: 1 }],
        head: ended({ ended: { atMs: 1, output: awkward, error: null } }),
      }),
    );
    expect((await store.readState({ flow: "f", name: "n", key: "k" })).stored?.value).toBe(large);
    expect(await store.output(run)).toEqual(awkward);
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
