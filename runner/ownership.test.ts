import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, afterEach, expect, test } from "vitest";

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
import {
  openRunner,
  type Clock,
  type ModulePort,
  type Runner,
  type RunnerOptions,
} from "./index.ts";
import { openSqliteStore } from "./store/sqlite-store.ts";
import { systemClock } from "./system-clock.ts";

const folder = fileURLToPath(new URL("./fixtures", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "agentflow-ownership-"));
const opened: Runner[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((runner) => runner.close({ graceMs: 20 })));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function open(more: Partial<RunnerOptions>): Promise<Runner> {
  const runner = await openRunner({
    store: null,
    variables: {},
    folder,
    models: { kind: "mock" },
    ...more,
  });
  opened.push(runner);
  return runner;
}

const lines = (file: string): number =>
  existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;

test("a process that is stopped too long loses its run, and what it still writes is refused", async () => {
  const path = join(scratch, "zombie.db");
  const [notes, until] = [join(scratch, "notes"), join(scratch, "until")];
  let aheadMs = 0;
  const ahead: Clock = { ...systemClock, now: () => Date.now() + aheadMs };
  // This one's timers never come, as if its process were stopped: it does not renew its lease.
  const stopped: Clock = { ...systemClock, after: () => () => {} };
  const program = plan({
    tools: {
      hang: tool({
        reach: { kind: "module", module: "./tools.ts", function: "hang", secrets: {} },
      }),
    },
    flows: {
      main: flow(
        "main",
        block([step("a", callTool("hang", value({ file: notes, name: "a", until })))], name("a")),
      ),
    },
  });
  const zombie = await open({ store: path, clock: stopped });
  const started = await zombie.start({ plan: program, flow: "main", input: {} });
  if (!started.ok) throw new Error(started.message);
  await expect.poll(() => lines(notes), { timeout: 10_000 }).toBe(1);
  const heir = await open({ store: path, clock: ahead, takeOver: true });
  expect(await heir.recover()).toEqual([]);
  aheadMs = 20_000;
  await expect.poll(() => lines(notes), { timeout: 10_000 }).toBe(2);
  writeFileSync(until, "");
  expect(await heir.wait(started.run)).toMatchObject({ status: "succeeded" });
  const events = await heir.events(started.run);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  expect(events.filter((event) => event.kind === "run.ended").length).toBe(1);
  expect(events.filter((event) => event.kind === "activity.succeeded").length).toBe(1);
});

test("a long run goes on from its snapshot", async () => {
  const path = join(scratch, "long.db");
  let calls = 0;
  let allowed = 1_500;
  const modules: ModulePort = {
    async call({ input }, { signal }) {
      calls += 1;
      if (calls <= allowed) return { ok: true, value: input["x"] as number };
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return { ok: false, code: "cancelled", message: "stopped" };
    },
    check: async () => null,
    close: async () => {},
  };
  const program = plan({
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
              concurrency: value(5),
            }),
          ],
          name("all"),
        ),
        { params: [param("xs")] },
      ),
    },
  });
  const xs = Array.from({ length: 2_000 }, (_, index) => index);
  const first = await open({ store: path, modules });
  const started = await first.start({ plan: program, flow: "main", input: { xs } });
  if (!started.ok) throw new Error(started.message);
  await expect.poll(() => calls, { timeout: 15_000 }).toBe(allowed + 5);
  opened.splice(0);
  await first.close({ graceMs: 0 });
  const store = openSqliteStore({ path, now: () => Date.now() });
  expect((await store.snapshot(started.run))?.seq).toBeGreaterThan(1_900);
  await store.close();
  allowed = 10_000;
  const second = await open({ store: path, modules });
  expect(await second.recover()).toEqual([started.run]);
  expect(await second.wait(started.run)).toMatchObject({ status: "succeeded" });
  expect((await second.show(started.run))?.output).toEqual(xs);
  expect(calls).toBe(2_005);
  expect((await second.show(started.run))?.steps[0]).toMatchObject({
    path: "main.all",
    progress: { done: 2_000, failed: 0, total: 2_000 },
  });
});

test("a run that took down process after process is paused until somebody resumes it", async () => {
  const path = join(scratch, "poison.db");
  const program = plan({
    tools: { t: tool() },
    flows: { main: flow("main", block([step("a", callTool("t", value(1)))], name("a"))) },
  });
  const store = openSqliteStore({ path, now: () => Date.now() });
  await store.putPlan(program);
  const created = {
    kind: "run.created",
    run: "poison",
    planHash: program.hash,
    flow: "main",
    input: {},
    environment: "",
    config: {},
    trigger: null,
    continuation: 0,
    folder,
    mocked: true,
    seq: 1,
    atMs: 1,
  } as const;
  await store.createRun({
    run: "poison",
    planHash: program.hash,
    flow: "main",
    idempotencyKey: null,
    priority: 5,
    wakeAtMs: null,
    events: [created],
  });
  await store.beat("dead", 9_000);
  const claimed = await store.claim("poison", "dead");
  const events: RunEvent[] = [{ kind: "run.started", states: [], seq: 2, atMs: 2 }];
  const add = (fact: object): void =>
    void events.push({ ...fact, seq: events.length + 2, atMs: 2 } as RunEvent);
  for (let crash = 0; crash < 6; crash += 1) {
    if (crash > 0) add({ kind: "run.interrupted", epoch: crash });
    add({ kind: "activity.started", path: "main.a", attempt: 1, activity: "tool", callee: "t" });
  }
  await store.append({
    run: "poison",
    epoch: claimed?.epoch ?? 0,
    expectedSeq: 1,
    events,
    head: { status: "running", wakeAtMs: null, waitsFor: null, cost: 0, tokensIn: 0, tokensOut: 0 },
  });
  await store.endSession("dead");
  await store.close();

  const runner = await open({
    store: path,
    modules: {
      call: async () => ({ ok: true, value: 1 }),
      check: async () => null,
      close: async () => {},
    },
  });
  expect(await runner.recover()).toEqual(["poison"]);
  expect(await runner.wait("poison")).toMatchObject({
    status: "paused",
    waitsFor: expect.stringContaining("6 processes ended"),
  });
  expect(await runner.recover()).toEqual([]);
  expect(await runner.resume("poison")).toMatchObject({ ok: true });
  expect(await runner.wait("poison")).toMatchObject({ status: "succeeded" });
});

test("of runs that find no place the most urgent goes first, then the oldest", async () => {
  const order: number[] = [];
  let release = (): void => {};
  const modules: ModulePort = {
    async call({ input }) {
      order.push(input["x"] as number);
      if (order.length === 1) await new Promise<void>((resolve) => (release = resolve));
      return { ok: true, value: null };
    },
    check: async () => null,
    close: async () => {},
  };
  const program = plan({
    tools: { t: tool() },
    flows: {
      main: flow("main", block([step("a", callTool("t", name("x")))], name("a")), {
        params: [param("x"), param("priority")],
        priority: name("priority"),
      }),
    },
  });
  const runner = await open({ modules, maxRuns: 1 });
  const runs: string[] = [];
  for (const [index, priority] of [
    "medium",
    "low",
    "medium",
    "critical",
    "low",
    "critical",
  ].entries()) {
    const started = await runner.start({
      plan: program,
      flow: "main",
      input: { x: index, priority },
    });
    if (started.ok) runs.push(started.run);
    await expect.poll(() => order.length).toBe(1);
  }
  release();
  await Promise.all(runs.map((run) => runner.wait(run)));
  expect(order).toEqual([0, 3, 5, 2, 1, 4]);
});
