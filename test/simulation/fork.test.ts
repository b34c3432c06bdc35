// Forks of random runs: whatever the step, the fork ends as the run did and repeats nothing that it took over.
import { expect, it } from "vitest";

import type { Json } from "../../plan/expression.ts";
import type { Activity } from "../../runner/engine/activity.ts";
import { keptCalls } from "../../runner/engine/kept-calls.ts";
import { eventData, modelReply, personReply } from "./cast.ts";
import { drive } from "./drive.ts";
import type { Answer, Driver, DriveOptions } from "./drive.ts";
import { Random, seeds } from "./random.ts";
import { randomPlan } from "./random-plan.ts";

function answer(activity: Activity): Answer | Json {
  if (activity.kind === "model") return modelReply(activity);
  if (activity.kind !== "tool") return null;
  const x = activity.arguments["x"] ?? null;
  const n = typeof x === "number" ? x : 0;
  if (activity.tool === "flaky" && activity.attempt < 3) return { ok: false, code: "unavailable" };
  return activity.tool === "picky" && n % 3 === 0
    ? { ok: false, code: "boom" }
    : { ok: true, value: n + 1 };
}

/** People answer and events come when nothing else moves. */
function outside(driver: Driver): void {
  const { engine } = driver;
  if (engine.phase === "ended" || driver.running.size > 0 || engine.ready(1).length > 0) return;
  for (const { path, topic } of engine.waits()) {
    const event = { id: path, topic, time: "2026-11-20T08:00:00.000Z", data: eventData(topic) };
    if (engine.awaits(path)) driver.record({ kind: "event.received", path, event });
  }
  for (const activity of driver.activities) {
    if (activity.kind === "person" && engine.awaits(activity.path))
      driver.record({
        kind: "person.answered",
        path: activity.path,
        value: personReply(activity, true),
      });
  }
}

const stripped = (value: Json): Json =>
  JSON.parse(JSON.stringify(value, (key, inner: Json) => (key === "error" ? null : inner))) as Json;

it("ends as the run did, from whatever step it goes on", () => {
  const seen = { forks: 0, kept: 0, crashes: 0 };
  for (const seed of seeds(150)) {
    const random = new Random(seed);
    const program = randomPlan(random, { once: false });
    const options: DriveOptions = {
      flow: "main",
      input: { p: random.below(9) },
      answer,
      takes: () => random.below(500),
      meddle: outside,
    };
    const first = drive(program, options);
    const code = () => first.engine.state.program;
    const all = keptCalls(first.events, code, null)?.calls ?? {};
    const paths = Object.keys(all);
    const after = paths.length === 0 || random.chance(0.2) ? null : random.pick(paths);
    const calls = keptCalls(first.events, code, after)?.calls ?? {};
    const again = drive(program, {
      ...options,
      kept: calls,
      crash: () => {
        const crash = random.chance(0.05) ? random.pick(["refold", "snapshot"] as const) : "no";
        if (crash !== "no") seen.crashes += 1;
        return crash;
      },
    });
    const where = `seed ${seed} after ${after}`;
    expect([again.status, stripped(again.output)], where).toEqual([
      first.status,
      stripped(first.output),
    ]);
    const repeated = again.activities.filter(({ path }) => calls[path] !== undefined);
    expect(repeated, where).toEqual([]);
    const undone = again.activities.filter(
      ({ path }) => path.endsWith("!undo") && calls[path.replace(/!undo$/, "")] !== undefined,
    );
    expect(undone, where).toEqual([]);
    seen.forks += 1;
    seen.kept += Object.keys(calls).length;
  }
  if (seeds(2).length > 1)
    expect(Math.min(seen.forks, seen.kept, seen.crashes), JSON.stringify(seen)).toBeGreaterThan(50);
});
