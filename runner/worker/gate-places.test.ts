import { expect, test } from "vitest";

import { VirtualClock } from "../../test/simulation/virtual-clock.ts";
import type { Activity } from "../engine/activity.ts";
import type { ReadyLeaf } from "../engine/machine.ts";
import { createGate } from "../policy/gate.ts";
import { GatePlaces } from "./gate-places.ts";

/** Calls of `t`, of which two may be under way at once, and of others, which nothing limits. */
function scene() {
  const gate = createGate({ concurrency: 2 }, new VirtualClock(0));
  const ready = new Map<string, ReadyLeaf>();
  let readyAdded = 0;
  let looks = 0;
  const activityOf = ({ path, callee, activity }: ReadyLeaf): Activity => ({
    kind: activity as "tool",
    path,
    attempt: 1,
    callee,
    timeoutMs: null,
    tool: callee,
    arguments: {},
    key: path,
  });
  const places = new GatePlaces({
    machine: {
      ready(limit = 1, isHeld = () => false) {
        looks += 1;
        return [...ready.values()]
          .filter((leaf) => !isHeld(leaf))
          .slice(0, limit)
          .map(activityOf);
      },
      get readyAdded() {
        return readyAdded;
      },
      readyLeaf: (path) => ready.get(path) ?? null,
      readyActivity: (path) => activityOf(ready.get(path) as ReadyLeaf),
      readyModel: (path) => (path.startsWith("backup") ? "backup" : null),
    },
    gatesFor: ({ callee, path }) => (callee === "t" && !path.startsWith("backup") ? [gate] : []),
    onPassed: () => undefined,
  });
  const active = new Set<string>();
  return {
    gate,
    ready,
    active,
    looks: () => looks,
    add(path: string, callee: string, activity: ReadyLeaf["activity"] = "tool") {
      readyAdded += 1;
      ready.set(path, { path, activity, callee });
    },
    /** Begins what may, and gives it. */
    begin(onBegun: (path: string) => void = () => {}): readonly string[] {
      const begun: string[] = [];
      places.look();
      for (let next = places.next(64); next.length > 0; next = places.next(64))
        for (const activity of next) {
          if (!places.mayPass(activity)) continue;
          begun.push(activity.path);
          ready.delete(activity.path);
          active.add(activity.path);
          onBegun(activity.path);
        }
      places.finish((path) => active.has(path));
      return begun;
    },
    end(path: string) {
      active.delete(path);
      places.leave(path);
    },
  };
}

test("of thousands that wait for a limit a few hundred stand at its gate, and what nothing limits begins at once", () => {
  const { gate, add, begin } = scene();
  for (let n = 0; n < 3_000; n += 1) add(`t${n}`, "t");
  add("free", "other");
  expect(begin()).toEqual(["t0", "t1", "free"]);
  expect(gate.waiting).toBeLessThan(400);
  add("later", "other");
  expect(begin()).toEqual(["later"]);
});

test("a request to a backup does not wait behind the crowd of the model that it stands in for", () => {
  const { add, begin } = scene();
  for (let n = 0; n < 1_000; n += 1) add(`t${n}`, "t", "model");
  expect(begin()).toEqual(["t0", "t1"]);
  add("backup", "t", "model");
  expect(begin()).toEqual(["backup"]);
});

test("what becomes ready while those begin that have passed begins in the same look", () => {
  const { add, begin, end } = scene();
  for (let n = 0; n < 1_000; n += 1) add(`t${n}`, "t");
  begin();
  end("t0");
  const begun = begin((path) => {
    if (path === "t2") add("next", "other");
  });
  expect(begun).toEqual(["t2", "next"]);
});

test("all have their turn, in order, and few looks at everything are taken", () => {
  const { add, begin, end, active, looks } = scene();
  const count = 3_000;
  for (let n = 0; n < count; n += 1) add(`t${n}`, "t");
  const order: string[] = [];
  for (let rounds = 0; order.length < count && rounds < count; rounds += 1) {
    order.push(...begin());
    for (const path of [...active]) end(path);
  }
  expect(order).toEqual(Array.from({ length: count }, (_, n) => `t${n}`));
  expect(looks()).toBeLessThan(400);
});

test("who is not wanted any more leaves the gate", () => {
  const { gate, add, begin, ready, end } = scene();
  for (let n = 0; n < 1_000; n += 1) add(`t${n}`, "t");
  begin();
  ready.clear();
  end("t0");
  begin();
  expect([gate.waiting, gate.inside]).toEqual([0, 1]);
});
