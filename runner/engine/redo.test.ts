import { describe, expect, it } from "vitest";

import { required } from "../../base/assert.ts";
import type { Json } from "../../plan/expression.ts";
import type { RunEvent, RunRetried } from "../../plan/history.ts";
import type { ActionPlan, Plan } from "../../plan/plan.ts";
import { drive, Driver } from "../../test/simulation/drive.ts";
import type { Driven, DriveOptions } from "../../test/simulation/drive.ts";
import {
  block,
  callTool,
  field,
  flow,
  name,
  plan,
  record,
  solo,
  step,
  tool,
  value,
} from "../../test/simulation/plan-builder.ts";
import type { Activity } from "./activity.ts";
import { compileProgram } from "./compile-program.ts";
import { foldRun, restoreRun } from "./fold.ts";
import { checkHistory } from "./invariants.ts";

const x = (activity: Activity): Json =>
  activity.kind === "tool" ? (activity.arguments["x"] ?? null) : null;
const deeds = ({ activities }: Driven): readonly string[] =>
  activities.map(
    (activity) =>
      `${activity.path} ${JSON.stringify(x(activity))} ${activity.kind === "tool" ? activity.key.slice(5) : ""}`,
  );
const letters = ({ effects }: Driven): readonly (string | null)[] =>
  effects.flatMap((effect) => (effect.kind === "dead-letter" ? [effect.path] : []));

/** Retries what ended, and checks that a snapshot on the way changes nothing. */
function again(
  program: Plan,
  first: Driven,
  retry: Omit<RunRetried, "kind" | "planHash">,
  options: DriveOptions,
): Driven {
  const last = first.events.at(-1);
  const event: RunEvent = {
    kind: "run.retried",
    planHash: program.hash,
    seq: (last?.seq ?? 0) + 1,
    atMs: last?.atMs ?? 0,
    ...retry,
  };
  const events: RunEvent[] = [...first.events, event];
  const driver = new Driver(program, options);
  driver.events.splice(0, driver.events.length, ...events);
  const code = compileProgram(program);
  driver.engine = foldRun(events, () => code);
  driver.engine.takeEffects();
  driver.record({ kind: "run.started", states: [] });
  const snapshot = JSON.parse(JSON.stringify(driver.engine.snapshot())) as Json;
  driver.engine = required(restoreRun(code, snapshot), "a snapshot of this version");
  while (driver.step());
  const driven = driver.driven();
  expect(checkHistory(driven.events, () => code)).toEqual([]);
  return driven;
}

const loop = (more: Partial<Extract<ActionPlan, { kind: "for" }>> = {}): ActionPlan => ({
  kind: "for",
  variable: "i",
  list: value([1, 2, 3, 4]),
  body: block(
    [step("p", callTool("t", name("i"))), step("q", callTool("t", name("p")), ["p"])],
    name("q"),
  ),
  maxItems: value(10),
  concurrency: value(1),
  tolerate: { count: value(2) },
  deadLetter: "items",
  ...more,
});

describe("one item", () => {
  const program = plan({
    flows: {
      main: flow(
        "main",
        block(
          [
            step("a", loop()),
            step("sum", callTool("t", field(name("a"), "ok")), ["a"]),
            step("other", callTool("t", value("other"))),
          ],
          record({ ok: name("sum"), failed: field(name("a"), "failed") }),
        ),
      ),
    },
    tools: { t: tool() },
  });
  const first = drive(program, {
    answer: (activity) =>
      activity.path === "main.a[1].q" || activity.path === "main.a[3].p"
        ? { ok: false, code: "conflict" }
        : x(activity),
  });

  it("is done again with what depends on it, and nothing else", () => {
    expect([first.status, letters(first)]).toEqual(["succeeded", ["main.a[1]", "main.a[3]"]]);
    const redo = { kind: "item", path: "main.a[1]" } as const;
    const second = again(program, first, { redo }, { answer: x });
    expect(deeds(second)).toEqual(["main.a[1].q 2 main.a[1].q", "main.sum [1,2,3] main.sum~2"]);
    expect(second.output).toMatchObject({ ok: [1, 2, 3], failed: [{ index: 3 }] });
    expect(letters(second)).toEqual([]);
  });

  it("can be given something else, which stays with later retries", () => {
    const redo = { kind: "item", path: "main.a[1]", input: 20 } as const;
    const second = again(program, first, { redo }, { answer: x });
    expect(deeds(second)).toEqual([
      "main.a[1].p 20 main.a[1].p~2",
      "main.a[1].q 20 main.a[1].q~2",
      "main.sum [1,20,3] main.sum~2",
    ]);
    const last = { kind: "item", path: "main.a[3]" } as const;
    const third = again(program, second, { redo: last }, { answer: x });
    expect(deeds(third)).toEqual([
      "main.a[3].p 4 main.a[3].p",
      "main.a[3].q 4 main.a[3].q",
      "main.sum [1,20,3,4] main.sum~3",
    ]);
    expect(third.output).toEqual({ ok: [1, 20, 3, 4], failed: [] });
  });

  it("is kept again when it fails again", () => {
    const redo = { kind: "item", path: "main.a[1]" } as const;
    const second = again(program, first, { redo }, { answer: () => ({ ok: false, code: "no" }) });
    expect(letters(second)).toEqual(["main.a[1]"]);
    expect([second.status, deeds(second)]).toEqual(["succeeded", ["main.a[1].q 2 main.a[1].q"]]);
  });

  it("brings those back that need it", () => {
    const items = [{ k: "a" }, { k: "b" }, { k: "c" }];
    const needing = plan({
      flows: {
        main: flow(
          "main",
          block(
            [
              step(
                "a",
                loop({
                  list: value(items),
                  key: field(name("i"), "k"),
                  needs: {
                    op: "if",
                    test: { op: "equal", left: field(name("i"), "k"), right: value("b") },
                    then: value(["a"]),
                    else: value([]),
                  },
                  body: solo(callTool("t", name("i"))),
                }),
              ),
            ],
            field(name("a"), "failed"),
          ),
        ),
      },
      tools: { t: tool() },
    });
    const lost = drive(needing, {
      answer: (activity) =>
        activity.path === "main.a[a]" ? { ok: false, code: "conflict" } : x(activity),
    });
    expect(letters(lost)).toEqual(["main.a[a]", "main.a[b]"]);
    const redo = { kind: "item", path: "main.a[a]" } as const;
    const found = again(needing, lost, { redo }, { answer: x });
    expect(found.activities.map(({ path }) => path)).toEqual(["main.a[a]", "main.a[b]"]);
    expect([found.output, found.effects]).toEqual([
      [],
      [{ kind: "letter-settled", path: "main.a[b]" }],
    ]);
  });
});

describe("a parked compensation", () => {
  const undone = (key: string): ActionPlan => ({
    ...callTool("t", value(key)),
    undo: callTool("u", name(key)),
  });
  const program = plan({
    flows: {
      main: flow(
        "main",
        block(
          [
            step("a", undone("a")),
            step("b", undone("b"), ["a"]),
            step("c", callTool("t", value("c")), ["b"]),
          ],
          name("c"),
        ),
      ),
    },
    tools: { t: tool(), u: tool() },
  });
  const fails = (...paths: readonly string[]) => ({
    answer: (activity: Activity) =>
      paths.includes(activity.path) ? { ok: false as const, code: "conflict" } : x(activity),
  });
  const first = drive(program, fails("main.c", "main.a!undo"));

  it("is done again alone, and the run ends as it did", () => {
    expect(letters(first)).toEqual(["main.a!undo", null]);
    const redo = { kind: "undo", path: "main.a!undo" } as const;
    const second = again(program, first, { redo }, fails());
    expect(deeds(second)).toEqual([`main.a!undo "a" main.a!undo`]);
    expect([second.status, second.error, letters(second)]).toEqual(["failed", "conflict", []]);
    const worse = again(program, first, { redo }, fails("main.a!undo"));
    expect([worse.status, letters(worse)]).toEqual(["failed", ["main.a!undo"]]);
  });

  it("can be given other arguments", () => {
    const redo = { kind: "undo", path: "main.a!undo", input: { x: "A" } } as const;
    const second = again(program, first, { redo }, fails());
    expect(deeds(second)).toEqual([`main.a!undo "A" main.a!undo`]);
  });

  it("comes before everything else when the run is retried", () => {
    const second = again(program, first, { parked: ["main.a!undo"] }, fails());
    expect(deeds(second)).toEqual([
      `main.a!undo "a" main.a!undo`,
      `main.a "a" main.a~2`,
      `main.b "b" main.b~2`,
      `main.c "c" main.c`,
    ]);
    expect(second.status).toBe("succeeded");
  });

  it("keeps the run from doing twice what could not be taken back", () => {
    const second = again(program, first, { parked: ["main.a!undo"] }, fails("main.a!undo"));
    expect(deeds(second)).toEqual([`main.a!undo "a" main.a!undo`]);
    expect([second.status, letters(second)]).toEqual(["failed", ["main.a!undo", null]]);
  });
});
