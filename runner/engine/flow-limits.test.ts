import { describe, expect, it } from "vitest";

import type { Json } from "../../plan/expression.ts";
import type { ActionPlan, FlowPlan } from "../../plan/plan.ts";
import { drive, startMs } from "../../test/simulation/drive.ts";
import type { DriveOptions } from "../../test/simulation/drive.ts";
import {
  block,
  call,
  callTool,
  field,
  flow,
  name,
  param,
  plan,
  retry,
  solo,
  step,
  tool,
  value,
} from "../../test/simulation/plan-builder.ts";
import type { Activity, SlotActivity } from "./activity.ts";

const x = (activity: Activity): Json =>
  activity.kind === "tool" ? (activity.arguments["x"] ?? null) : null;

/** A `for` over six values that calls a flow with these settings, all at once. */
function limited(
  inner: Partial<FlowPlan>,
  more: Partial<Extract<ActionPlan, { kind: "call" }>> = {},
) {
  const items = [1, 2, 3, 4, 5, 6].map((n) => ({ n, k: n % 2 }));
  const args = { n: field(name("i"), "n"), k: field(name("i"), "k") };
  return plan({
    flows: {
      main: flow(
        "main",
        block(
          [
            step("a", {
              kind: "for",
              variable: "i",
              list: value(items),
              body: solo(call({ kind: "flow", name: "sub" }, args, more)),
              maxItems: value(10),
              concurrency: value(10),
            }),
          ],
          name("a"),
        ),
      ),
      sub: flow("sub", block([step("s", callTool("t", name("n")))], name("s")), {
        params: [param("n"), param("k")],
        ...inner,
      }),
    },
    tools: { t: tool() },
  });
}

function watched(program: ReturnType<typeof limited>, more: DriveOptions = {}) {
  let most = 0;
  const starts: number[] = [];
  const result = drive(program, {
    answer: x,
    takes: () => 100,
    meddle: ({ engine, nowMs, activities }) => {
      most = Math.max(most, engine.inFlight().length);
      while (starts.length < activities.length) starts.push(nowMs - startMs);
    },
    ...more,
  });
  return { ...result, most, starts };
}

describe("a flow that is called", () => {
  it("runs no more often at once than its concurrency, in the order of the calls", () => {
    const result = watched(limited({ concurrency: { limit: 2 } }));
    expect([result.most, result.output]).toEqual([2, [1, 2, 3, 4, 5, 6]]);
    expect(result.activities.map(x)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("counts each value of `per` by itself", () => {
    const result = watched(limited({ concurrency: { limit: 1, per: name("k") } }));
    expect([result.most, result.output]).toEqual([2, [1, 2, 3, 4, 5, 6]]);
  });

  it("begins no more often than its rate", () => {
    const result = watched(limited({ rate: { count: 2, perMs: 1_000 } }));
    expect(result.output).toEqual([1, 2, 3, 4, 5, 6]);
    expect(result.starts.map((ms) => Math.floor(ms / 1_000))).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it("keeps its limits over crashes", () => {
    const result = watched(limited({ concurrency: { limit: 2 } }), {
      crash: (count) => (count === 5 ? "snapshot" : count === 9 ? "refold" : "no"),
    });
    expect([result.most, result.output]).toEqual([2, [1, 2, 3, 4, 5, 6]]);
  });

  it("gives its place back when it fails, and stands in line again for its next try", () => {
    const tries = { retry: { ...retry(2), retryOn: ["conflict"] } };
    const result = watched(limited({ concurrency: { limit: 1 } }, tries), {
      answer: (activity) =>
        x(activity) === 2 && !activity.path.includes("~2")
          ? { ok: false, code: "conflict" }
          : x(activity),
    });
    expect([result.most, result.output]).toEqual([1, [1, 2, 3, 4, 5, 6]]);
  });

  it("begins nothing more once the run is cancelled", () => {
    const program = limited({ concurrency: { limit: 1 } });
    const result = watched(program, {
      meddle: (driver) => {
        if (
          driver.nowMs > startMs &&
          driver.engine.phase === "running" &&
          !driver.engine.cancelRequested
        )
          driver.record({ kind: "run.cancel-requested", reason: "enough" });
      },
    });
    expect([result.status, result.activities.length]).toEqual(["cancelled", 1]);
  });

  it("goes first when it is more urgent", () => {
    const urgent = (priority: string): ActionPlan =>
      call(
        { kind: "flow", name: "sub" },
        { n: value(priority), k: value(0) },
        {
          priority: value(priority),
        },
      );
    const sub = flow("sub", block([step("s", callTool("t", name("n")))], name("s")), {
      params: [param("n"), param("k")],
    });
    const program = plan({
      flows: {
        main: flow(
          "main",
          block(
            [
              step("a", urgent("background")),
              step("b", callTool("t", value("own"))),
              step("c", urgent("critical")),
            ],
            name("b"),
          ),
        ),
        sub,
        other: flow("other", block([step("s", callTool("t", name("n")))], name("s")), {
          params: [param("n"), param("k")],
          priority: value("high"),
        }),
      },
      tools: { t: tool() },
    });
    expect(drive(program, { answer: x }).activities.map(x)).toEqual([
      "critical",
      "own",
      "background",
    ]);
  });
});

describe("a rate that is shared with other runs", () => {
  const rated = { rate: { count: 1, perMs: 60_000 }, timeoutMs: value(1_000) };
  const starts = (driven: ReturnType<typeof drive>): readonly (readonly [string, number])[] =>
    driven.events.flatMap((event) =>
      event.kind === "activity.started" && event.activity === "tool"
        ? [[event.path, event.atMs - startMs] as const]
        : [],
    );

  it("lets a run begin when its turn comes; its clock starts then", () => {
    const program = plan({
      flows: { main: flow("main", block([step("s", callTool("t"))], name("s")), rated) },
      tools: { t: tool() },
    });
    const keys: string[] = [];
    const turns: DriveOptions["turns"] = ({ path, key, rate }) => {
      keys.push(`${path} ${key} ${rate.count}`);
      return startMs + 90_000;
    };
    const waits: unknown[] = [];
    const result = drive(program, {
      turns,
      takes: () => 900,
      meddle: ({ engine }) => {
        const reasons = engine.reasonsToWait();
        if (reasons !== null && engine.phase === "running") waits.push(...reasons);
      },
    });
    expect(result.status).toBe("succeeded");
    expect(keys).toEqual(["main!turn flow main  1"]);
    expect(starts(result)).toEqual([["main.s", 90_000]]);
    expect(waits).toContainEqual({
      kind: "timer",
      path: "main",
      timer: "rate",
      untilMs: startMs + 90_000,
    });
  });

  it("lets each call ask for its turn, and goes on after a crash", () => {
    let next = startMs;
    const options: DriveOptions = {
      flow: "main",
      takes: () => 10,
      turns: () => (next += 60_000),
    };
    const result = drive(limited(rated), options);
    expect(result.status).toBe("succeeded");
    expect(starts(result).map(([, atMs]) => atMs)).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => n * 60_000),
    );
    next = startMs;
    const crashed = drive(limited(rated), {
      ...options,
      crash: (at) => (at === 9 ? "snapshot" : "no"),
    });
    expect(crashed.output).toEqual(result.output);
  });

  it("forgets the turn of a run that is cancelled while it waits", () => {
    const program = plan({
      flows: { main: flow("main", block([step("s", callTool("t"))], name("s")), rated) },
      tools: { t: tool() },
    });
    const result = drive(program, {
      turns: () => startMs + 90_000,
      meddle: (driver) => {
        if (driver.engine.wakeAtMs() !== null && !driver.engine.cancelRequested)
          driver.record({ kind: "run.cancel-requested", reason: "enough" });
      },
    });
    expect(result).toMatchObject({ status: "cancelled", activities: [{ kind: "turn" }] });
  });
});

describe("a concurrency that is shared with other runs", () => {
  /** Slots of a store, as many as the flow's limit; the test takes some for other runs. */
  function shop() {
    const asked: string[] = [];
    let taken = 0;
    return {
      asked,
      take: () => (taken += 1),
      giveBack: () => (taken -= 1),
      slots: (activity: SlotActivity): boolean => {
        if (taken >= activity.limit) return false;
        taken += 1;
        asked.push(`${activity.path} ${activity.key} ${activity.limit}`);
        return true;
      },
    };
  }
  const leaves = ({ effects }: ReturnType<typeof drive>): readonly string[] =>
    effects.flatMap((effect) => (effect.kind === "leave-slot" ? [effect.path] : []));

  /** Gives slots back as soon as the engine says so. */
  function served(program: ReturnType<typeof limited>, more: DriveOptions = {}) {
    const { asked, giveBack, slots } = shop();
    let seen = 0;
    let most = 0;
    const held = new Set<string>();
    const result = drive(program, {
      answer: x,
      takes: () => 100,
      ...more,
      slots: (activity) => {
        const given = slots(activity);
        if (given) held.add(activity.path);
        return given;
      },
      meddle: (driver) => {
        more.meddle?.(driver);
        most = Math.max(most, driver.engine.inFlight().length);
        for (const effect of driver.effects.slice(seen))
          if (effect.kind === "leave-slot" && held.delete(effect.path)) giveBack();
        seen = driver.effects.length;
      },
    });
    return { ...result, asked, most };
  }

  it("asks for a slot for each call, under the key of the flow's runs, and gives it back", () => {
    const program = limited({ concurrency: { limit: 2 } });
    const result = served(program);
    expect(result.output).toEqual([1, 2, 3, 4, 5, 6]);
    const paths = [0, 1, 2, 3, 4, 5].map((n) => `main.a[${n}].sub!slot`);
    expect(result.asked).toEqual(paths.map((path) => `${path} flow sub  2`));
    expect(leaves(result)).toEqual(paths);
    const own = drive(program, { flow: "sub", input: { n: 1, k: 0 }, slots: () => false });
    expect(own.engine.admission().slots).toEqual([{ key: "flow sub ", limit: 2 }]);
    expect(own.status).toBe("succeeded");
  });

  it("tells values of `per` apart", () => {
    const per = { concurrency: { limit: 1, per: name("k") } };
    const { asked, output } = served(limited(per));
    expect(output).toEqual([1, 2, 3, 4, 5, 6]);
    expect(new Set(asked.map((line) => line.replace(/^\S+ /, "")))).toEqual(
      new Set(["flow sub 0 1", "flow sub 1 1"]),
    );
  });

  it("says why it waits, and its time-outs begin with the slot", () => {
    const program = limited({ concurrency: { limit: 1 }, timeoutMs: value(1_000) });
    const waits = drive(program, { slots: () => false });
    expect(waits.status).toBeNull();
    expect(waits.engine.inFlight()).toEqual([]);
    expect(waits.engine.awaitsSlots()).toBe(true);
    expect(waits.engine.reasonsToWait()?.[0]).toEqual({
      kind: "slot",
      path: "main.a[0].sub!slot",
      flow: "sub",
    });
    const late = served(program, { takes: () => 900 });
    expect(late.status).toBe("succeeded");
  });

  it("goes on from a history or a snapshot, and does not ask twice", () => {
    for (const crash of ["refold", "snapshot"] as const) {
      const result = served(limited({ concurrency: { limit: 2 } }), {
        crash: (count) => (count % 5 === 0 ? crash : "no"),
      });
      expect([result.most, result.output]).toEqual([2, [1, 2, 3, 4, 5, 6]]);
      expect(result.asked).toHaveLength(6);
    }
  });

  it("gives its slot back when it fails, and asks anew for its next try", () => {
    const tries = { retry: { ...retry(2), retryOn: ["conflict"] } };
    const result = served(limited({ concurrency: { limit: 1 } }, tries), {
      answer: (activity) =>
        x(activity) === 2 && !activity.path.includes("~2")
          ? { ok: false, code: "conflict" }
          : x(activity),
    });
    expect([result.most, result.output]).toEqual([1, [1, 2, 3, 4, 5, 6]]);
    expect(leaves(result)).toContain("main.a[1]~2.sub!slot");
  });

  it("leaves the line when the run is cancelled", () => {
    const result = served(limited({ concurrency: { limit: 1 } }), {
      meddle: (driver) => {
        if (driver.nowMs > startMs && !driver.engine.cancelRequested)
          driver.record({ kind: "run.cancel-requested", reason: "enough" });
      },
    });
    expect(result.status).toBe("cancelled");
    expect(leaves(result)).toHaveLength(6);
  });

  it("takes its slot before its turn, which others would have to wait for in vain", () => {
    const order: string[] = [];
    const result = drive(
      limited({ concurrency: { limit: 1 }, rate: { count: 1, perMs: 60_000 } }),
      {
        slots: ({ path }) => order.push(path) > 0,
        turns: ({ path }) => startMs + order.push(path),
      },
    );
    expect(result.status).toBe("succeeded");
    expect(order.slice(0, 2).map((path) => path.slice(-5))).toEqual(["!slot", "!slot"]);
    for (const path of order.filter((entry) => entry.endsWith("!turn")))
      expect(order.indexOf(path.replace("!turn", "!slot"))).toBeLessThan(order.indexOf(path));
  });
});
