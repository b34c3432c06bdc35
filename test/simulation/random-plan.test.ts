import { expect, it } from "vitest";

import type { Json } from "../../plan/expression.ts";
import type { Activity } from "../../runner/engine/activity.ts";
import { foldRun } from "../../runner/engine/fold.ts";
import { drive } from "./drive.ts";
import type { Answer, Driver } from "./drive.ts";
import { eventData, modelReply, personReply } from "./cast.ts";
import { Random, seeds } from "./random.ts";
import { randomPlan } from "./random-plan.ts";
import { interpret } from "./reference.ts";
import type { Outcome } from "./reference.ts";
import { undoLedger } from "./undo-ledger.ts";

function lastTry(name: string, x: Json): Outcome {
  const n = typeof x === "number" ? x : 0;
  return name === "picky" && n % 3 === 0 ? { ok: false, code: "boom" } : { ok: true, value: n + 1 };
}

function answer(activity: Activity): Answer | Json {
  if (activity.kind === "model") return modelReply(activity);
  if (activity.kind !== "tool") return null;
  if (activity.tool === "flaky" && activity.attempt < 3) return { ok: false, code: "unavailable" };
  const outcome = lastTry(activity.tool, activity.arguments["x"] ?? null);
  return outcome.ok ? outcome : { ok: false, code: outcome.code };
}

/** People answer and events come sooner or later, at the latest when nothing else moves. */
function outside(random: Random): (driver: Driver) => void {
  const wrong = new Set<string>();
  return (driver) => {
    const { engine } = driver;
    if (engine.phase === "ended") return;
    const idle = driver.running.size === 0 && engine.ready(1).length === 0;
    if (!idle && random.chance(0.7)) return;
    for (const { path, topic } of engine.waits()) {
      const event = { id: path, topic, time: "2026-11-20T08:00:00.000Z", data: eventData(topic) };
      if (engine.awaits(path)) driver.record({ kind: "event.received", path, event });
    }
    for (const activity of driver.activities) {
      while (activity.kind === "person" && engine.awaits(activity.path)) {
        const value = personReply(activity, wrong.has(activity.path));
        wrong.add(activity.path);
        driver.record({ kind: "person.answered", path: activity.path, value });
        if (!idle) break;
      }
    }
  };
}

it("gives what a plain interpreter gives, whatever the order of outcomes", () => {
  const kinds = new Map<string, number>();
  for (const seed of seeds(200)) {
    const random = new Random(seed);
    const plan = randomPlan(random);
    const input = { p: random.below(9) };
    const expected = interpret(plan, { flow: "main", input, tool: lastTry });
    for (let order = 0; order < 2; order += 1) {
      const result = drive(plan, {
        flow: "main",
        input,
        answer,
        takes: () => random.below(500),
        meddle: outside(random),
      });
      const got =
        result.status === "succeeded"
          ? { ok: true, value: stripped(result.output) }
          : { ok: false };
      expect(got, `seed ${seed}`).toEqual(
        expected.ok ? { ok: true, value: stripped(expected.value) } : { ok: false },
      );
      kinds.set(String(result.status), (kinds.get(String(result.status)) ?? 0) + 1);
      const folded = foldRun(result.events, () => result.engine.state.program);
      folded.takeEffects();
      expect(JSON.stringify(folded.snapshot()), `seed ${seed}`).toBe(
        JSON.stringify(result.engine.snapshot()),
      );
    }
  }
  if (seeds(2).length > 1)
    expect(
      [...kinds.values()].every((count) => count > 40),
      JSON.stringify([...kinds]),
    ).toBe(true);
});

it("goes on after crashes as if there had been none", () => {
  for (const seed of seeds(200)) {
    const random = new Random(seed);
    const plan = randomPlan(random, { once: false });
    const input = { p: random.below(9) };
    const expected = interpret(plan, { flow: "main", input, tool: lastTry });
    const crash = (): "no" | "refold" | "snapshot" =>
      random.chance(0.15) ? random.pick(["refold", "snapshot"]) : "no";
    const result = drive(plan, {
      flow: "main",
      input,
      answer,
      takes: () => random.below(500),
      meddle: outside(random),
      crash,
    });
    const got =
      result.status === "succeeded" ? { ok: true, value: stripped(result.output) } : { ok: false };
    expect(got, `seed ${seed}`).toEqual(
      expected.ok ? { ok: true, value: stripped(expected.value) } : { ok: false },
    );
  }
});

it("undoes everything that can be undone when a run fails, and that once", () => {
  let undone = 0;
  for (const seed of seeds(400)) {
    const random = new Random(seed);
    const plan = randomPlan(random);
    const result = drive(plan, {
      flow: "main",
      input: { p: random.below(9) },
      answer,
      takes: () => random.below(500),
      meddle: outside(random),
    });
    if (result.status !== "failed") continue;
    const ledger = undoLedger(result.events, result.engine.state.program);
    expect(ledger.undone, `seed ${seed}`).toEqual(ledger.finished);
    undone += ledger.undone.length;
  }
  if (seeds(2).length > 1) expect(undone).toBeGreaterThan(30);
});

/** Which of several failures is the first depends on time: codes of failed items are not compared. */
function stripped(value: Json): Json {
  return JSON.parse(
    JSON.stringify(value, (key, inner: Json) => (key === "error" ? null : inner)),
  ) as Json;
}
