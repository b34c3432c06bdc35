import { afterEach, expect, test, vi } from "vitest";

import type { RunEvent } from "../plan/history.ts";
import {
  block,
  callTool,
  flow,
  name,
  param,
  plan,
  step,
  tool,
  value,
} from "../test/simulation/plan-builder.ts";
import { openRunner, type ModulePort, type Runner, type RunnerOptions } from "./index.ts";
import type { Notice, Transport } from "./ports/transport.ts";
import { inProcessTransport } from "./queue/in-process-transport.ts";
import { watchStore } from "../test/simulation/watched-store.ts";
import { openSqliteStore } from "./store/sqlite-store.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** Hands out runs in the order of their notices, to as many places as it has. */
class LineTransport implements Transport {
  readonly handsOut = true;
  readonly line: { readonly run: string; readonly notice: Notice }[] = [];
  places = 1;
  private active = 0;
  private listener: ((run: string) => Promise<boolean> | void) | undefined;
  private readonly rest = inProcessTransport();
  readonly nudge = vi.fn<() => void>();
  readonly cancelHint = this.rest.cancelHint;
  readonly receiveCancelHints = this.rest.receiveCancelHints;
  readonly drain = this.rest.drain;
  readonly close = this.rest.close;

  notify(run: string, notice: Notice = {}): void {
    this.line.push({ run, notice });
    this.hand();
  }

  receive(listener: (run: string) => Promise<boolean> | void): () => void {
    this.listener = listener;
    this.hand();
    return () => {
      this.listener = undefined;
    };
  }

  health(): ReturnType<Transport["health"]> {
    return { ...this.rest.health(), waiting: this.line.length, active: this.active };
  }

  hand(): void {
    while (this.active < this.places && this.listener !== undefined) {
      const next = this.line.shift();
      if (next === undefined) return;
      this.active += 1;
      void Promise.resolve(this.listener(next.run)).then(() => {
        this.active -= 1;
        this.hand();
      });
    }
  }
}

const { store, faults } = watchStore(openSqliteStore({ path: ":memory:", now: () => Date.now() }));
afterEach(async () => expect(await faults()).toEqual([]));

async function open(transport: Transport, more: Partial<RunnerOptions>): Promise<Runner> {
  const modules: ModulePort = {
    call: async () => ({ ok: true, value: 1 }),
    check: async () => null,
    close: async () => {},
  };
  const runner = await openRunner({
    store,
    variables: {},
    folder: "/",
    models: { kind: "mock" },
    modules,
    transport,
    ...more,
  });
  closers.push(() => runner.close({ graceMs: 500 }));
  return runner;
}

const manySteps = plan({
  tools: { t: tool() },
  flows: {
    main: flow(
      "main",
      block(
        [
          step("all", {
            kind: "for",
            variable: "x",
            list: name("xs"),
            body: block([step("", callTool("t", name("x")))], name("")),
            maxItems: value(9_999),
            concurrency: value(1),
          }),
        ],
        name("all"),
      ),
      { params: [param("xs")] },
    ),
  },
});

async function start(runner: Runner, size: number): Promise<string> {
  const xs = Array.from({ length: size }, (_, index) => index);
  const started = await runner.start({ plan: manySteps, flow: "main", input: { xs } });
  if (!started.ok) throw new Error(started.message);
  return started.run;
}

const lastEvent = async (run: string): Promise<RunEvent | undefined> =>
  (await store.events(run, { afterSeq: 0 })).at(-1);

test("a process that only starts runs gives notice of them, and the one that works takes them", async () => {
  const transport = new LineTransport();
  const starter = await open(transport, { work: "none" });
  const run = await start(starter, 3);
  expect(transport.line).toEqual([{ run, notice: { priority: 5, flow: "main" } }]);
  expect((await store.head(run))?.status).toBe("queued");
  await open(transport, { work: "all" });
  expect(await starter.wait(run)).toMatchObject({ status: "succeeded" });
});

test("a long run makes room for one that waits, between two steps, and goes on behind it", async () => {
  const transport = new LineTransport();
  const starter = await open(transport, { work: "none" });
  const long = await start(starter, 300);
  const short = await start(starter, 2);
  await open(transport, { work: "all" });
  await starter.wait(short);
  const ended = await lastEvent(short);
  expect(await starter.wait(long)).toMatchObject({ status: "succeeded" });
  const events = await store.events(long, { afterSeq: 0 });
  const before = events.filter(({ atMs }) => atMs < (ended?.atMs ?? 0)).length;
  expect(before).toBeGreaterThanOrEqual(100);
  expect(before).toBeLessThan(300);
  // Nothing was cut short, and nothing repeated.
  expect(events.some(({ kind }) => kind === "run.interrupted")).toBe(false);
  expect(events.filter(({ kind }) => kind === "activity.started").length).toBe(300);
  expect((await store.head(long))?.epoch).toBeGreaterThan(1);
});

test("a long run that nobody waits for is not disturbed", async () => {
  const transport = new LineTransport();
  const starter = await open(transport, { work: "none" });
  const run = await start(starter, 200);
  await open(transport, { work: "all" });
  expect(await starter.wait(run)).toMatchObject({ status: "succeeded" });
  expect((await store.head(run))?.epoch).toBe(1);
});

test("a run that somebody else has, or that does not exist, takes no place", async () => {
  const transport = new LineTransport();
  const starter = await open(transport, { work: "none" });
  const taken = await start(starter, 1);
  await store.beat("somebody", 60_000);
  await store.claim(taken, "somebody");
  transport.notify("unknown");
  const free = await start(starter, 1);
  await open(transport, { work: "all" });
  expect(await starter.wait(free)).toMatchObject({ status: "succeeded" });
  expect(transport.health().active).toBe(0);
  await store.endSession("somebody");
});
