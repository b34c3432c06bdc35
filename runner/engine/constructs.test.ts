import { describe, expect, it } from "vitest";

import type { Json } from "../../plan/expression.ts";
import type { ActionPlan } from "../../plan/plan.ts";
import { drive, startMs } from "../../test/simulation/drive.ts";
import type { Answer } from "../../test/simulation/drive.ts";
import {
  block,
  call,
  callTool,
  field,
  flow,
  list,
  name,
  param,
  plan,
  record,
  retry,
  solo,
  step,
  tool,
  value,
} from "../../test/simulation/plan-builder.ts";
import type { Activity } from "./activity.ts";

const x = (activity: Activity): Json =>
  activity.kind === "tool" ? (activity.arguments["x"] ?? null) : null;
const paths = (activities: readonly Activity[]): readonly string[] =>
  activities.map((activity) => activity.path);
const items = (more: Partial<Extract<ActionPlan, { kind: "for" }>>): ActionPlan => ({
  kind: "for",
  variable: "i",
  list: value([1, 2, 3, 4]),
  body: solo(callTool("t", name("i"))),
  maxItems: value(10),
  concurrency: value(10),
  ...more,
});
const fails = (code: string) =>
  call({ kind: "fail" }, { code: value(code), message: value("because") });
const main = (
  body: Parameters<typeof flow>[1],
  more: Parameters<typeof flow>[2] = {},
  tools = {},
) => plan({ flows: { main: flow("main", body, more) }, tools: { t: tool(), ...tools } });

describe("for", () => {
  it("runs as many items at once as allowed, and keeps the order of the list", () => {
    let running = 0;
    let most = 0;
    const result = drive(main(block([step("a", items({ concurrency: value(2) }))], name("a"))), {
      takes: (activity) => 100 - Number(x(activity)),
      answer: (activity) => x(activity),
      meddle: ({ engine }) => {
        running = engine.inFlight().length;
        most = Math.max(most, running);
      },
    });
    expect(result.output).toEqual([1, 2, 3, 4]);
    expect(most).toBe(2);
  });

  it("refuses too many items before any starts", () => {
    const result = drive(main(block([step("a", items({ maxItems: value(3) }))], name("a"))));
    expect([result.error, result.activities.length]).toEqual(["too_many_items", 0]);
  });

  it("cancels the rest when an item fails that is not tolerated", () => {
    const result = drive(main(block([step("a", items({}))], name("a"))), {
      takes: (activity) => Number(x(activity)) * 10,
      answer: (activity): Answer =>
        x(activity) === 2 ? { ok: false, code: "conflict" } : { ok: true, value: 0 },
    });
    expect(result.error).toBe("conflict");
    expect(
      result.effects.filter((effect) => effect.kind === "abort").map((effect) => effect.path),
    ).toEqual(["main.a[2]", "main.a[3]"]);
  });

  it("refuses unknown, doubled and circular keys", () => {
    const run = (list: Json): string | null => {
      const action = items({
        list: value(list),
        key: field(name("i"), "k"),
        needs: field(name("i"), "n"),
      });
      return (
        drive(main(block([step("a", action)], name("a")))).engine.outcome?.error?.message ?? null
      );
    };
    expect(run([{ k: "a", n: ["b"] }])).toContain('"a" needs "b"');
    expect(
      run([
        { k: "a", n: [] },
        { k: "a", n: [] },
      ]),
    ).toContain('key "a"');
    expect(
      run([
        { k: "a", n: ["b"] },
        { k: "b", n: ["a"] },
      ]),
    ).toContain("a -> b -> a");
  });

  it("fails what needs a failed item, and keeps failed items as dead letters", () => {
    const data = [
      { k: "a", n: ["b"] },
      { k: "b", n: ["c"] },
      { k: "c", n: [] },
      { k: "d", n: [] },
    ];
    const action = items({
      list: value(data),
      key: field(name("i"), "k"),
      needs: field(name("i"), "n"),
      tolerate: { fraction: 1 },
      deadLetter: "bad",
    });
    const result = drive(main(block([step("a", action)], name("a"))), {
      answer: (activity) => (activity.path.endsWith("[c]") ? { ok: false, code: "conflict" } : 7),
    });
    expect(result.output).toMatchObject({
      ok: [7],
      failed: [
        { key: "a", error: { code: "upstream_failed" } },
        { key: "b" },
        { key: "c", error: { code: "conflict" } },
      ],
    });
    expect(
      result.effects.filter((effect) => effect.kind === "dead-letter").map((effect) => effect.path),
    ).toEqual(["main.a[c]", "main.a[b]", "main.a[a]"]);
  });

  it("starts no more items in any stretch than its rate allows", () => {
    const result = drive(
      main(block([step("a", items({ rate: { count: 2, perMs: 1000 } }))], name("a"))),
    );
    const starts = result.events
      .filter((event) => event.kind === "activity.started")
      .map((event) => event.atMs - startMs);
    expect(starts).toEqual([0, 0, 1000, 1000]);
  });

  it("undoes what a tolerated item had finished before its failure counts", () => {
    const body = block(
      [
        step("one", callTool("t", name("i"), { undo: callTool("u", name("one")) })),
        step("two", callTool("bad"), ["one"]),
      ],
      name("two"),
    );
    const result = drive(
      main(
        block(
          [step("a", items({ list: value([5]), body, tolerate: { count: value(1) } }))],
          name("a"),
        ),
        {},
        { u: tool(), bad: tool() },
      ),
      {
        answer: (activity) =>
          activity.callee === "bad" ? { ok: false, code: "conflict" } : x(activity),
      },
    );
    expect(result.status).toBe("succeeded");
    expect(paths(result.activities)).toEqual([
      "main.a[0].one",
      "main.a[0].two",
      "main.a[0].one!undo",
    ]);
  });
});

describe("repeat, race, choice", () => {
  it("keeps or fails when its rounds are spent, with a pause between them", () => {
    const rounds = (exhausted: "keep" | "fail"): ActionPlan => ({
      kind: "repeat",
      body: solo(callTool("t", value(1))),
      until: value(false),
      maxRounds: value(3),
      exhausted,
      pauseMs: value(60_000),
    });
    const kept = drive(main(block([step("a", rounds("keep"))], name("a"))), {
      answer: (activity) => activity.path,
    });
    expect([kept.output, kept.engine.lastAtMs - startMs]).toEqual(["main.a#3", 120_000]);
    expect(drive(main(block([step("a", rounds("fail"))], name("a")))).error).toBe("exhausted");
  });

  it("gives the first success of a race, cancels the others and undoes what they had finished", () => {
    const slow = block(
      [
        step("done", callTool("t", value("d"), { undo: callTool("u", name("done")) })),
        step("long", callTool("t", value("l")), ["done"]),
      ],
      name("long"),
    );
    const race: ActionPlan = {
      kind: "race",
      body: block([
        step("fast", callTool("t", value("f"))),
        step("slow", { kind: "if", test: value(true), then: slow, else: null }),
      ]),
    };
    const result = drive(main(block([step("a", race)], name("a")), {}, { u: tool() }), {
      answer: (activity) => x(activity),
      takes: (activity) => ({ f: 50, d: 10, l: 100 })[String(x(activity))] ?? 0,
    });
    expect(result.output).toBe("f");
    expect(paths(result.activities)).toEqual([
      "main.a.fast",
      "main.a.slow.done",
      "main.a.slow.long",
      "main.a.slow.done!undo",
    ]);
  });

  it("fails a race when all fail", () => {
    const race: ActionPlan = {
      kind: "race",
      body: block([step("p", fails("one")), step("q", fails("two"))]),
    };
    expect(drive(main(block([step("a", race)], name("a")))).status).toBe("failed");
  });

  it("takes the arm that lists the value, null too", () => {
    const match = (subject: Json): ActionPlan => ({
      kind: "match",
      subject: value(subject),
      arms: [
        { values: [null, "b"], block: block([], value(1)) },
        { values: [], block: block([], value(2)) },
      ],
    });
    const of = (subject: Json): Json =>
      drive(main(block([step("a", match(subject))], name("a")))).output;
    expect([of(null), of("b"), of("c")]).toEqual([1, 1, 2]);
  });
});

describe("failure", () => {
  it("gives the fallback what went wrong", () => {
    const action = callTool("t", value(1), {
      fallback: block(
        [],
        record({ why: field(name("error"), "code"), tries: field(name("error"), "attempts") }),
      ),
    });
    const result = drive(main(block([step("a", action)], name("a"))), {
      answer: () => ({ ok: false, code: "not_found" }),
    });
    expect(result.output).toEqual({ why: "not_found", tries: 1 });
  });

  it("times a block out, and its fallback answers", () => {
    const slow = items({ timeoutMs: value(1000), fallback: block([], value("late")) });
    const result = drive(main(block([step("a", slow)], name("a"))), { takes: () => 5000 });
    expect([result.output, result.engine.lastAtMs - startMs]).toEqual(["late", 1000]);
  });

  it("times a flow out for good", () => {
    const result = drive(
      main(block([step("a", callTool("t"))], name("a")), { timeoutMs: value(500) }),
      { takes: () => 5000 },
    );
    expect([result.error, result.engine.outcome?.error?.step]).toEqual(["timeout", "main"]);
  });

  it("waits as long as the other side asks", () => {
    const action = callTool("t", value(1), { retry: retry(2, { fromMs: 100, toMs: 100 }) });
    const answer = (activity: Activity): Answer =>
      activity.attempt === 1
        ? { ok: false, code: "rate_limited", retryAfterMs: 7000 }
        : { ok: true, value: 1 };
    const result = drive(main(block([step("a", action)], name("a"))), { answer });
    expect([result.output, result.engine.lastAtMs - startMs]).toEqual([1, 7000]);
  });

  it("parks a compensation that fails, and goes on with the others", () => {
    const undo = (of: string) => ({ undo: callTool(of === "b" ? "bad" : "u", name(of)) });
    const steps = [
      step("a", callTool("t", value("A"), undo("a"))),
      step("b", callTool("t", value("B"), undo("b")), ["a"]),
      step("c", fails("boom"), ["b"]),
    ];
    const result = drive(main(block(steps), {}, { u: tool(), bad: tool() }), {
      answer: (activity) =>
        activity.callee === "bad" ? { ok: false, code: "conflict" } : x(activity),
    });
    expect(paths(result.activities).slice(2)).toEqual(["main.b!undo", "main.a!undo"]);
    const letters = result.effects.filter((effect) => effect.kind === "dead-letter");
    expect(letters).toMatchObject([
      { path: "main.b!undo", input: { x: "B" } },
      { path: null, errors: [{ code: "boom" }] },
    ]);
  });

  it("undoes a step that finished while it was being cancelled", () => {
    const steps = [
      step("a", callTool("t", value("A"), { undo: callTool("u", name("a")) })),
      step("b", callTool("bad")),
    ];
    const run = drive(main(block(steps), {}, { u: tool(), bad: tool() }), {
      answer: (activity) =>
        activity.callee === "bad" ? { ok: false, code: "conflict" } : x(activity),
      takes: (activity) => (activity.callee === "bad" ? 10 : 20),
      stubborn: true,
    });
    expect(paths(run.activities)).toEqual(["main.a", "main.b", "main.a!undo"]);
  });

  it("cancels: nothing new begins, finished steps are undone, the flow's fallback sees it", () => {
    const steps = [
      step("a", callTool("t", value("A"), { undo: callTool("u", name("a")) })),
      step("b", callTool("t", value("B")), ["a"]),
    ];
    const body = main(
      block(steps),
      { fallback: block([], field(name("error"), "code")) },
      { u: tool() },
    );
    let asked = false;
    const result = drive(body, {
      takes: () => 100,
      meddle: (driver) => {
        if (asked || !driver.engine.awaits("main.b")) return;
        asked = true;
        driver.record({ kind: "run.cancel-requested", reason: "enough" });
      },
    });
    expect([result.status, result.output]).toEqual(["cancelled", "cancelled"]);
    expect(paths(result.activities)).toEqual(["main.a", "main.b", "main.a!undo"]);
  });

  it("calls a failing flow again as a whole, under the same keys, but anew what was undone", () => {
    const inner = flow(
      "inner",
      block(
        [
          step("a", callTool("t", value("A"), { undo: callTool("u", name("a")) })),
          step("k", callTool("t", value("K"))),
          step("b", callTool("bad"), ["a", "k"]),
        ],
        name("b"),
      ),
    );
    const outer = flow(
      "main",
      block(
        [
          step(
            "s",
            call(
              { kind: "flow", name: "inner" },
              {},
              { retry: retry(2, { retryOn: ["conflict"] }) },
            ),
          ),
        ],
        name("s"),
      ),
    );
    const result = drive(
      plan({ flows: { main: outer, inner }, tools: { t: tool(), u: tool(), bad: tool() } }),
      {
        answer: (activity) =>
          activity.path === "main.s.b" ? { ok: false, code: "conflict" } : x(activity),
      },
    );
    expect(result.status).toBe("succeeded");
    const keys = result.activities.map(
      (activity) => `${activity.path} ${activity.kind === "tool" ? activity.key : ""}`,
    );
    expect(keys).toEqual([
      "main.s.a run1:main.s.a",
      "main.s.k run1:main.s.k",
      "main.s.b run1:main.s.b",
      "main.s.a!undo run1:main.s.a!undo",
      "main.s~2.a run1:main.s.a~2",
      "main.s~2.k run1:main.s.k",
      "main.s~2.b run1:main.s.b",
    ]);
  });
});

describe("arguments and values", () => {
  const schemas = {
    small: { type: "integer", minimum: 1, maximum: 5 },
    args: {
      type: "object",
      properties: { x: { $ref: "#/$defs/small" } },
      required: ["x"],
      additionalProperties: false,
    },
  };

  it("refuses arguments before the call, answers after it", () => {
    const action = (input: Json) => callTool("t", value(input), { input: "args" });
    const program = (input: Json) =>
      plan({
        flows: { main: flow("main", block([step("a", action(input))], name("a"))) },
        tools: { t: tool({ returns: "small" }) },
        schemas,
      });
    const refused = drive(program(9));
    expect([refused.error, refused.activities.length]).toEqual(["invalid_input", 0]);
    expect(drive(program(1), { answer: () => 9 }).error).toBe("invalid_output");
    expect(drive(program(1), { answer: () => 4 }).output).toBe(4);
  });

  it("takes defaults of parameters, which may read other parameters", () => {
    const inner = flow("inner", block([], list(name("p"), name("q"))), {
      params: [param("p"), param("q", { default: name("p") })],
    });
    const outer = flow(
      "main",
      block([step("s", call({ kind: "flow", name: "inner" }, { p: value(3) }))], name("s")),
    );
    expect(drive(plan({ flows: { main: outer, inner } })).output).toEqual([3, 3]);
  });
});

describe("undo", () => {
  it("is not called for a value that came from the fallback", () => {
    const careful = callTool("bad", value(1), {
      fallback: block([], value("none")),
      undo: callTool("u", name("a")),
    });
    const result = drive(
      main(
        block([step("a", careful), step("b", fails("boom"), ["a"])]),
        {},
        { u: tool(), bad: tool() },
      ),
      {
        answer: () => ({ ok: false, code: "conflict" }),
      },
    );
    expect(paths(result.activities)).toEqual(["main.a"]);
  });
});
