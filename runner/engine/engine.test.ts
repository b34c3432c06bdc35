import { describe, expect, it } from "vitest";

import type { Json } from "../../plan/expression.ts";
import {
  block,
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
import { drive } from "../../test/simulation/drive.ts";

const echo = (activity: { readonly kind: string }): Json =>
  "arguments" in activity ? ((activity.arguments as { readonly x: Json }).x ?? null) : null;

describe("engine", () => {
  it("runs steps in the order of what they mention", () => {
    const main = flow(
      "main",
      block(
        [
          step("a", callTool("t", value(1))),
          step("b", callTool("t", name("a")), ["a"]),
          step("c", callTool("t", list(name("a"), name("b"))), ["a", "b"]),
        ],
        name("c"),
      ),
    );
    const result = drive(plan({ flows: { main }, tools: { t: tool() } }), { answer: echo });
    expect(result.output).toEqual([1, 1]);
    expect(result.activities.map((activity) => activity.path)).toEqual([
      "main.a",
      "main.b",
      "main.c",
    ]);
    expect(result.events.at(-1)).toMatchObject({ kind: "run.ended", status: "succeeded" });
  });

  it("tries again after a pause, and fails when the attempts are spent", () => {
    const main = flow("main", block([step("a", callTool("t", value(1)))], name("a")));
    const program = plan({
      flows: { main },
      tools: { t: tool({ retry: retry(3, { fromMs: 2000, toMs: 2000 }) }) },
    });
    const result = drive(program, {
      answer: (activity) => (activity.attempt < 3 ? { ok: false, code: "unavailable" } : 7),
    });
    expect(result.output).toBe(7);
    expect(result.events.filter((event) => event.kind === "timer.fired")).toHaveLength(2);
    const failed = drive(program, {
      answer: () => ({ ok: false, code: "unavailable", message: "down" }),
    });
    expect(failed).toMatchObject({ status: "failed", error: "unavailable" });
    expect(failed.engine.outcome?.error).toEqual({
      code: "unavailable",
      message: "down",
      step: "main.a",
      attempts: 3,
    });
  });

  it("undoes finished steps in reverse order, then answers with the flow's fallback", () => {
    const undo = (of: string) => callTool("undo", field(name(of), "id"));
    const main = flow(
      "main",
      block(
        [
          step("a", callTool("t", record({ id: value("A") }), { undo: undo("a") })),
          step("b", callTool("t", record({ id: value("B") }), { undo: undo("b") }), ["a"]),
          step("c", callTool("bad", value(0)), ["b"]),
        ],
        name("c"),
      ),
      { fallback: block([], record({ failed: field(name("error"), "code") })) },
    );
    const result = drive(
      plan({ flows: { main }, tools: { t: tool(), undo: tool(), bad: tool() } }),
      {
        answer: (activity) =>
          activity.callee === "bad" ? { ok: false, code: "card_declined" } : echo(activity),
      },
    );
    expect(result.output).toEqual({ failed: "card_declined" });
    expect(
      result.activities
        .map((activity) => `${activity.path} ${JSON.stringify(echo(activity))}`)
        .slice(3),
    ).toEqual(['main.b!undo "B"', 'main.a!undo "A"']);
  });

  it("runs many pure items without deep recursion", () => {
    const main = flow(
      "main",
      block(
        [
          step("all", {
            kind: "for",
            variable: "x",
            list: name("xs"),
            body: block([], name("x")),
            maxItems: value(1_000_000),
            concurrency: value(10),
          }),
        ],
        name("all"),
      ),
      { params: [param("xs")] },
    );
    const xs = Array.from({ length: 20_000 }, (_, index) => index);
    expect(drive(plan({ flows: { main } }), { input: { xs } }).output).toEqual(xs);
  });

  it("runs items with a call each", () => {
    const main = flow(
      "main",
      block(
        [
          step("all", {
            kind: "for",
            variable: "x",
            list: name("xs"),
            body: solo(callTool("t", name("x"))),
            maxItems: value(100),
            concurrency: value(2),
            tolerate: { count: value(1) },
          }),
        ],
        name("all"),
      ),
      { params: [param("xs")] },
    );
    const result = drive(plan({ flows: { main }, tools: { t: tool() } }), {
      input: { xs: [1, 2, 3] },
      answer: (activity) =>
        activity.path.endsWith("[1]")
          ? { ok: false, code: "conflict", message: "no" }
          : echo(activity),
    });
    expect(result.output).toEqual({
      ok: [1, 3],
      failed: [
        {
          key: "1",
          item: 2,
          index: 1,
          error: { code: "conflict", message: "no", step: "main.all[]", attempts: 1 },
        },
      ],
    });
  });
});
