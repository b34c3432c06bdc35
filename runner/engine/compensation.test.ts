import { expect, it } from "vitest";

import type { Json } from "../../plan/expression.ts";
import type { FlowPlan } from "../../plan/plan.ts";
import { drive } from "../../test/simulation/drive.ts";
import type { Driver } from "../../test/simulation/drive.ts";
import {
  block,
  callTool,
  field,
  flow,
  name,
  plan,
  retry,
  step,
  tool,
  value,
} from "../../test/simulation/plan-builder.ts";
import type { Activity } from "./activity.ts";

/** Step a, which `u` undoes, and b after it. */
function saga(more: Partial<FlowPlan> = {}, fallbackOfB = false) {
  const undo = callTool("u", name("a"));
  const own = fallbackOfB ? { fallback: block([], value("step")) } : {};
  const steps = [
    step("a", callTool("t", value("A"), { undo })),
    step("b", callTool("bad", value("B"), own), ["a"]),
  ];
  return plan({
    flows: { main: flow("main", block(steps, name("b")), more) },
    tools: { t: tool(), bad: tool(), u: tool({ retry: retry(3) }) },
  });
}

const begun = ({ activities }: { readonly activities: readonly Activity[] }): readonly string[] =>
  activities.map(({ path, attempt }) => `${path} ${attempt}`);

function answer(activity: Activity): Json | { readonly ok: false; readonly code: string } {
  if (activity.callee === "bad") return { ok: false, code: "conflict" };
  if (activity.callee === "u" && activity.attempt < 3) return { ok: false, code: "unavailable" };
  return null;
}

function cancelOnce(path: string, times: number): (driver: Driver) => void {
  let left = times;
  return (driver) => {
    if (left === 0 || !driver.engine.awaits(path)) return;
    left -= 1;
    driver.record({ kind: "run.cancel-requested", reason: "enough" });
  };
}

const all = ["main.a 1", "main.b 1", "main.a!undo 1", "main.a!undo 2", "main.a!undo 3"];

it("is tried as often as its tool may be", () => {
  const result = drive(saga(), { answer });
  expect([begun(result), result.error]).toEqual([all, "conflict"]);
  expect(result.effects.filter(({ kind }) => kind === "dead-letter")).toMatchObject([
    { path: null },
  ]);
});

it("is neither stopped by a cancellation nor by a second one", () => {
  const meddle = cancelOnce("main.a!undo", 2);
  const result = drive(saga(), { answer, meddle, takes: () => 100 });
  expect(begun(result)).toEqual(all);
});

it("has no part in the budget of the flow: neither its time nor what is left of it", () => {
  const result = drive(saga({ budget: { timeMs: value(150) } }), { answer, takes: () => 100 });
  expect([begun(result), result.error]).toEqual([all, "budget_exceeded"]);
});

it("is done for a run that is cancelled, whose steps have no fallback then but whose flow has", () => {
  const fallback = block([], field(name("error"), "code"));
  const meddle = cancelOnce("main.b", 1);
  const result = drive(saga({ fallback }, true), { answer, meddle, takes: () => 100 });
  expect([begun(result), result.output, result.status]).toEqual([all, "cancelled", "cancelled"]);
});
