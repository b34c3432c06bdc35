import { expect, test } from "vitest";

import type { Expression } from "../../plan/expression.ts";
import type { BlockPlan } from "../../plan/plan.ts";
import { drive } from "../../test/simulation/drive.ts";
import {
  add,
  block,
  callTool,
  flow,
  name,
  plan,
  step,
  tool,
  value,
} from "../../test/simulation/plan-builder.ts";

const count = 6_000;
const previous = (at: number): Expression => (at === 0 ? value(0) : name(`a${at - 1}`));
const all = Array.from({ length: count }, (_, at) => at);

function lets(output: Expression, steps: BlockPlan["steps"] = []): BlockPlan {
  return {
    lets: all.map((at) => ({ name: `a${at}`, value: add(previous(at), value(1)) })),
    steps,
    output,
    outputWaits: [],
  };
}

test("a chain of lets may be as long as it wants", () => {
  const result = drive(plan({ flows: { main: flow("main", lets(name(`a${count - 1}`))) } }));
  expect([result.status, result.output]).toEqual(["succeeded", count]);
});

test("a chain of lets that reads what is not there yet gives the same, and keeps nothing", () => {
  const body = lets(name("s"), [
    step("s", callTool("t", name(`a${count - 1}`), { undo: callTool("t", name(`a${count - 1}`)) })),
    step("z", callTool("t", value(0)), ["s"]),
  ]);
  const result = drive(plan({ flows: { main: flow("main", body) }, tools: { t: tool() } }), {
    answer: (activity) =>
      activity.path === "main.z" ? { ok: false, code: "conflict" } : { ok: true, value: 1 },
  });
  const given = result.activities.map((activity) =>
    activity.kind === "tool" ? activity.arguments["x"] : null,
  );
  expect(given).toEqual([count, 0, count]);
});

test("a chain of steps may be as long as it wants", () => {
  const steps = all.map((at) =>
    step(
      `a${at}`,
      { kind: "value", value: add(previous(at), value(1)) },
      at === 0 ? [] : [`a${at - 1}`],
    ),
  );
  const body = block(steps, name(`a${count - 1}`));
  expect(drive(plan({ flows: { main: flow("main", body) } })).output).toBe(count);
});

test("an expression as deep as a plan can hold is evaluated", () => {
  let deep: Expression = value(0);
  for (let level = 0; level < 450; level += 1) deep = add(deep, value(1));
  expect(drive(plan({ flows: { main: flow("main", block([], deep)) } })).output).toBe(450);
});
