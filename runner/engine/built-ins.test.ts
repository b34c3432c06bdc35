import { describe, expect, it } from "vitest";

import type { Json } from "../../plan/expression.ts";
import type { RunEvent } from "../../plan/history.ts";
import { Driver, drive, startMs } from "../../test/simulation/drive.ts";
import {
  agent,
  block,
  call,
  callTool,
  field,
  flow,
  name,
  param,
  plan,
  step,
  text,
  tool,
  value,
} from "../../test/simulation/plan-builder.ts";
import type { Activity } from "./activity.ts";
import { compileProgram } from "./compile-program.ts";
import { foldRun } from "./fold.ts";
import { checkHistory } from "./invariants.ts";

const main = (body: Parameters<typeof flow>[1], more: Parameters<typeof flow>[2] = {}) =>
  plan({
    flows: { main: flow("main", body, more) },
    tools: { t: tool(), u: tool(), send: tool({ effect: "send" }) },
  });
const event = (topic: string, data: Json) => ({
  id: `e-${topic}`,
  topic,
  time: "2026-11-20T08:00:00.000Z",
  data,
});

describe("built-in actions", () => {
  it("sleeps for a time, or until one", () => {
    const until = "2026-11-20T09:00:00.000Z";
    const body = block([
      step("a", call({ kind: "sleep" }, { for: value(90_000) })),
      step("b", call({ kind: "sleep" }, { until: value(until) }), ["a"]),
      step("c", call({ kind: "sleep" }, { until: value("2020-01-01T00:00:00.000Z") }), ["b"]),
    ]);
    const result = drive(main(body));
    expect(
      result.events
        .filter((entry) => entry.kind === "timer.fired")
        .map((entry) => entry.atMs - startMs),
    ).toEqual([90_000, 3_600_000]);
    expect(result.status).toBe("succeeded");
  });

  it("receives the first event that fits, in time", () => {
    const where = {
      op: "equal",
      left: field(field(name("event"), "data"), "id"),
      right: name("wanted"),
    } as const;
    const action = call(
      { kind: "receive" },
      { topic: text("paid.", name("wanted")) },
      { where, timeoutMs: value(1000) },
    );
    const program = main(block([step("a", action)], name("a")), { params: [param("wanted")] });
    const result = drive(program, {
      input: { wanted: "7" },
      meddle: (driver) => {
        const { engine } = driver;
        if (!engine.awaits("main.a")) return;
        expect(engine.waits()).toEqual([{ path: "main.a", topic: "paid.7" }]);
        expect([
          engine.accepts("main.a", event("paid.7", { id: "8" })),
          engine.accepts("main.a", event("paid.7", { id: "7" })),
        ]).toEqual([false, true]);
        expect(engine.reasonsToWait()).toEqual([
          { kind: "event", path: "main.a", topic: "paid.7" },
        ]);
        driver.record({
          kind: "event.received",
          path: "main.a",
          event: event("paid.7", { id: "7" }),
        });
      },
    });
    expect([result.output, result.effects]).toEqual([
      { id: "7" },
      [{ kind: "withdraw", path: "main.a" }],
    ]);
    expect(drive(program, { input: { wanted: "7" } }).error).toBe("timeout");
  });

  it("emits under a key that is the same on every restart, or a chosen one", () => {
    const action = (more: object) =>
      call({ kind: "emit" }, { topic: value("x.y"), data: value({ n: 1 }) }, more);
    const result = drive(
      main(block([step("a", action({})), step("b", action({ idempotencyKey: value("mine") }))])),
    );
    expect(result.activities).toMatchObject([
      { kind: "emit", topic: "x.y", data: { n: 1 }, key: "run1:main.a" },
      { kind: "emit", key: "mine" },
    ]);
  });

  it("continues as a new run, so often", () => {
    const program = main(
      block([
        step(
          "a",
          call({ kind: "continue" }, { n: value(5) }, { maxRuns: 3, pauseMs: value(60_000) }),
        ),
      ]),
      { params: [param("n"), param("m", { default: name("n") })] },
    );
    const result = drive(program, { continuation: 1, input: { n: 1, m: 1 } });
    const input = { n: 5, m: 5 };
    expect(result.effects).toEqual([
      { kind: "continue", flow: "main", input, pauseMs: 60_000, continuation: 2 },
    ]);
    expect(drive(program, { continuation: 3 }).error).toBe("exhausted");
  });

  it("continues a flow that was called as a run of that flow, if it and the run succeed", () => {
    const poll = flow(
      "poll",
      block([step("c", call({ kind: "continue" }, { n: value(5) }, { maxRuns: 1 }))], value("p")),
      { params: [param("n")] },
    );
    const calls = (more: Parameters<typeof block>[0]) =>
      plan({
        flows: {
          main: flow(
            "main",
            block(
              [step("a", call({ kind: "flow", name: "poll" }, { n: value(1) })), ...more],
              name("a"),
            ),
          ),
          poll,
        },
        tools: { t: tool() },
      });
    const result = drive(calls([]), { continuation: 7 });
    expect([result.status, result.output]).toEqual(["succeeded", "p"]);
    expect(result.effects).toEqual([
      { kind: "continue", flow: "poll", input: { n: 5 }, pauseMs: 0, continuation: 1 },
    ]);
    const failing = calls([step("b", callTool("t", value(1)), ["a"])]);
    const failed = drive(failing, { answer: () => ({ ok: false, code: "conflict" }) });
    expect(failed.effects.map(({ kind }) => kind)).toEqual(["dead-letter"]);
  });

  it("passes an error on as it was", () => {
    const fallback = block([step("", call({ kind: "fail" }, { error: name("error") }))], name(""));
    const result = drive(main(block([step("a", callTool("t", value(1), { fallback }))])), {
      answer: () => ({ ok: false, code: "conflict", message: "m" }),
    });
    expect(result.engine.outcome?.error).toEqual({
      code: "conflict",
      message: "m",
      step: "main.a",
      attempts: 1,
    });
  });
});

describe("cancelOn", () => {
  it("is waited for as long as the run lasts", () => {
    const where = {
      op: "equal",
      left: field(name("event"), "data"),
      right: name("order"),
    } as const;
    const program = main(block([step("a", callTool("t"))]), {
      params: [param("order")],
      cancelOn: { topic: "order.cancelled", where },
    });
    const driver = new Driver(program, { input: { order: "o1" }, answer: () => "never" });
    driver.step();
    expect(driver.engine.waits()).toEqual([{ path: "", topic: "order.cancelled" }]);
    expect([
      driver.engine.accepts("", event("order.cancelled", "o2")),
      driver.engine.accepts("", event("order.cancelled", "o1")),
    ]).toEqual([false, true]);
    driver.record({ kind: "run.cancel-requested", reason: "the event came" });
    while (driver.step());
    expect(driver.driven()).toMatchObject({ status: "cancelled", error: "cancelled" });
  });

  it("ends a run that was never admitted", () => {
    const program = compileProgram(main(block([step("a", callTool("t"))])));
    const events: RunEvent[] = [
      {
        kind: "run.created",
        seq: 1,
        atMs: 1,
        run: "r",
        planHash: program.hash,
        flow: "main",
        input: {},
        environment: "",
        config: {},
        trigger: null,
        continuation: 0,
      },
      { kind: "run.cancel-requested", seq: 2, atMs: 2, reason: "no" },
    ];
    const engine = foldRun(events, () => program);
    expect(engine.ending()).toMatchObject({
      status: "cancelled",
      error: { code: "cancelled", message: "no" },
    });
  });
});

describe("retry of a run", () => {
  const body = block(
    [
      step("a", callTool("t", value("A"), { undo: callTool("u", name("a")) })),
      step("b", callTool("send", value("B")), ["a"]),
      step("h", call({ kind: "agent", name: "helper" }, { x: name("b") }), ["b"]),
      step("c", callTool("t", value("C")), ["h"]),
    ],
    name("c"),
  );
  const program = plan({
    flows: { main: flow("main", body) },
    tools: { t: tool(), u: tool(), send: tool({ effect: "send" }) },
    agents: { helper: agent() },
  });
  const x = (activity: Activity): Json =>
    activity.kind === "tool"
      ? (activity.arguments["x"] ?? null)
      : { text: "", value: 1, calls: [] };

  it("takes over what was finished and not undone, and does the rest", () => {
    const first = drive(program, {
      answer: (activity) =>
        activity.path === "main.c" ? { ok: false, code: "conflict" } : x(activity),
    });
    expect([first.status, first.activities.map((activity) => activity.path)]).toEqual([
      "failed",
      ["main.a", "main.b", "main.h@1", "main.c", "main.a!undo"],
    ]);
    const last = first.events.at(-1);
    const events: RunEvent[] = [
      ...first.events,
      {
        kind: "run.retried",
        planHash: program.hash,
        seq: (last?.seq ?? 0) + 1,
        atMs: last?.atMs ?? 0,
      },
    ];
    const driver = new Driver(program, { answer: x });
    driver.events.splice(0, driver.events.length, ...events);
    driver.engine = foldRun(events, () => compileProgram(program));
    expect([driver.engine.phase, driver.engine.seq]).toEqual(["created", events.length]);
    driver.record({ kind: "run.started", states: [] });
    while (driver.step());
    const again = driver.driven();
    expect([again.status, again.output]).toEqual(["succeeded", "C"]);
    expect(
      again.activities.map(
        (activity) => `${activity.path} ${activity.kind === "tool" ? activity.key : ""}`,
      ),
    ).toEqual(["main.a run1:main.a~2", "main.c run1:main.c"]);
    expect(checkHistory(again.events, () => compileProgram(program))).toEqual([]);
  });
});

describe("pause", () => {
  it("starts nothing new until the run is resumed", () => {
    const driver = new Driver(main(block([step("a", callTool("t", value(1)))], name("a"))), {
      answer: () => 1,
    });
    driver.record({ kind: "run.paused" });
    expect([driver.engine.ready(), driver.engine.reasonsToWait()]).toEqual([
      [],
      [{ kind: "resume" }],
    ]);
    driver.record({ kind: "run.resumed" });
    while (driver.step());
    expect(driver.driven().output).toBe(1);
  });
});

describe("a crash", () => {
  it("repeats what may be repeated, and gives up what may not", () => {
    const steps = (name: string) =>
      main(block([step("a", callTool(name, value(1)))], name === "t" ? value(1) : null));
    const crash = (of: string): Driver => {
      const program = plan({
        flows: steps(of).program.flows,
        tools: { t: tool(), send: tool({ effect: "send", restart: false }) },
      });
      const driver = new Driver(program, { answer: () => 1 });
      driver.step();
      driver.crash("refold");
      while (driver.step());
      return driver;
    };
    expect(
      crash("t")
        .driven()
        .activities.map((activity) => activity.attempt),
    ).toEqual([1, 1]);
    expect(crash("send").driven()).toMatchObject({ status: "failed", error: "interrupted" });
  });
});
