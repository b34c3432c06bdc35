// Who deploys may crash at each write of it, and deploys again: no tick and no event is lost or has two runs.
import { describe, expect, test } from "vitest";

import type { Plan } from "../../plan/plan.ts";
import { openRunner, type OperatedRunner } from "../../runner/index.ts";
import type { RunCreated } from "../../plan/history.ts";
import type { Store } from "../../runner/ports/store.ts";
import { MemoryStore } from "../../runner/store/memory-store.ts";
import { openSqliteStore } from "../../runner/store/sqlite-store.ts";
import { deploy, withdraw } from "../../runner/triggers/deploy.ts";
import { sharedPostgres } from "../../tools/services/shared-postgres.ts";
import { emptiedPostgres } from "./emptied-postgres.ts";
import { faultyStore } from "./faulty-store.ts";
import { block, flow, plan, value } from "./plan-builder.ts";
import type { Fate } from "./sim-process.ts";
import { VirtualClock } from "./virtual-clock.ts";

const startMs = Date.parse("2026-01-01T00:00:30Z");
const minuteMs = 60_000;
const quiet = block([], value(1));

/** With the names that its flows have in an edition, and those they had before. */
function edition(names: {
  readonly [role in "ticked" | "paused" | "heard" | "calmed"]: readonly [string, string?];
}): Plan {
  const called = (
    role: keyof typeof names,
    trigger: Plan["program"]["flows"][string]["triggers"][number],
  ) => {
    const [name, was] = names[role];
    const more = { triggers: [trigger], ...(was === undefined ? {} : { was }) };
    return [name, flow(name, quiet, more)] as const;
  };
  const cron = {
    kind: "cron",
    expression: "* * * * *",
    zone: "UTC",
    misfire: "all",
    overlap: "queue",
  } as const;
  return plan({
    flows: Object.fromEntries([
      called("ticked", cron),
      called("paused", cron),
      called("heard", { kind: "event", topic: "news", overlap: "queue", input: {} }),
      called("calmed", {
        kind: "event",
        topic: "calm",
        overlap: "queue",
        input: {},
        debounceMs: 90_000,
      }),
    ]),
  });
}

const first = edition({
  ticked: ["ticked"],
  paused: ["paused"],
  heard: ["heard"],
  calmed: ["calmed"],
});
const second = edition({
  ticked: ["ticks", "ticked"],
  paused: ["pauses", "paused"],
  heard: ["hears", "heard"],
  calmed: ["calms", "calmed"],
});

type OpenStore = (now: () => number) => Store | Promise<Store>;

const inMemory: OpenStore = (now) => new MemoryStore({ now });

class Installation {
  readonly clock: VirtualClock;
  readonly store: Store;
  private runner: OperatedRunner | undefined;

  private constructor(store: Store, clock: VirtualClock) {
    this.store = store;
    this.clock = clock;
  }

  static async open(openStore: OpenStore): Promise<Installation> {
    const clock = new VirtualClock(startMs);
    const here = new Installation(await openStore(() => clock.now()), clock);
    here.runner = await openRunner({
      store: here.store,
      variables: {},
      folder: "/",
      models: { kind: "mock" },
      clock,
      work: "none",
    });
    return here;
  }

  async close(): Promise<void> {
    await this.runner?.close();
    await this.store.close();
  }

  /** Deploys, with a fate for each write by its number; gives how many there were. Rejects when it has crashed. */
  async deploy(to: Plan, fate: (write: number) => Fate = () => "ok"): Promise<number> {
    let writes = 0;
    const store = faultyStore(this.store, {
      fate() {
        writes += 1;
        return fate(writes);
      },
      isAlive: () => true,
      die: () => undefined,
      awake: () => Promise.resolve(),
    });
    const deployment = {
      program: "p",
      planHash: to.hash,
      environment: "",
      folder: "/",
      mocked: true,
      atMs: this.clock.now(),
    };
    await deploy(store, { deployment, plan: to });
    return writes;
  }

  publish(topic: string, id: string): Promise<unknown> {
    return this.store.publish({ id, topic, time: "2026-01-01T00:00:00Z", data: null });
  }

  /** Time passes, and the duties have their turns. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.clock.now() + ms;
    while (this.clock.next(untilMs));
    for (const { name, turn } of this.runner?.operations.duties ?? [])
      if (name === "cron" || name === "events") await turn();
  }

  /** What runs were started by, by the topic or `cron`, in the order of their time. */
  async started(kind: string): Promise<readonly string[]> {
    const heads = await this.store.list({ limit: 100 });
    const histories = await Promise.all(
      heads.map(({ run }) => this.store.events(run, { afterSeq: 0, limit: 1 })),
    );
    const causes = histories.flatMap(([created]) => {
      const { trigger } = created as RunCreated;
      const { event, tick } = trigger as {
        readonly event?: { readonly topic: string; readonly id: string };
        readonly tick?: string;
      };
      if (kind === "cron") return tick === undefined ? [] : [tick];
      return event?.topic === kind ? [event.id] : [];
    });
    return causes.sort();
  }
}

/** Deploys the second edition over the first, in which a crash comes at a write. Gives how many writes there are. */
async function crashAt(openStore: OpenStore, write: number, fate: Fate): Promise<number> {
  const here = await Installation.open(openStore);
  await here.deploy(first);
  await here.store.schedules.pause("p/paused cron * * * * * UTC", true);
  await here.publish("news", "e1");
  await here.publish("calm", "c1");
  await here.pass(minuteMs);
  const crashing = here.deploy(second, (at) => (at === write ? fate : "ok"));
  const writes = await crashing.catch(() => 0);
  await here.publish("news", "e2");
  await here.pass(minuteMs / 4);
  await here.deploy(second);
  await here.publish("news", "e3");
  await here.pass(minuteMs);
  await here.pass(2 * minuteMs);

  const ticks = [1, 2, 3, 4].map((at) =>
    new Date(startMs - minuteMs / 2 + at * minuteMs).toISOString(),
  );
  const where = `${fate} of write ${write}`;
  expect(await here.started("cron"), where).toEqual(ticks);
  expect(await here.started("news"), where).toEqual(["e1", "e2", "e3"]);
  expect(await here.started("calm"), where).toEqual(["c1"]);
  expect([...(await here.store.log.consumers())].sort(), where).toEqual([
    "p/calms event calm",
    "triggers",
  ]);
  const paused = (await here.store.schedules.list()).map(({ id, paused: is }) => [id, is]);
  expect(paused, where).toEqual([
    ["p/pauses cron * * * * * UTC", true],
    ["p/ticks cron * * * * * UTC", false],
  ]);
  await here.close();
  return writes;
}

async function crashEverywhere(openStore: OpenStore): Promise<void> {
  const writes = await crashAt(openStore, 0, "ok");
  expect(writes).toBeGreaterThan(7);
  for (let write = 1; write <= writes; write += 1)
    for (const fate of ["timeout-before", "timeout-after"] as const)
      await crashAt(openStore, write, fate);
}

describe("a deployment that crashes at any write, and is done again, loses nothing and does nothing twice", () => {
  test("in memory", () => crashEverywhere(inMemory));

  test("in a file", () => crashEverywhere((now) => openSqliteStore({ path: ":memory:", now })));

  test("in PostgreSQL", async () => {
    const postgres = await emptiedPostgres(await sharedPostgres(), `deploy_${process.pid}`);
    await crashEverywhere(postgres.open);
    await postgres.close();
  });
});

test("what is withdrawn has no place in the log, and starts nothing when it comes back", async () => {
  const here = await Installation.open(inMemory);
  await here.deploy(first);
  await here.publish("news", "e1");
  await here.pass(minuteMs);
  await withdraw(here.store, "p");
  expect(await here.store.log.consumers()).toEqual(["triggers"]);
  await here.publish("news", "e2");
  await here.publish("calm", "c2");
  await here.pass(minuteMs);
  const beforeMs = here.clock.now() + 1;
  expect(await here.store.log.trim({ beforeMs, limit: 9 })).toBe(3);
  await here.deploy(first);
  await here.publish("news", "e3");
  await here.pass(5 * minuteMs);
  expect(await here.started("news")).toEqual(["e1", "e3"]);
  expect(await here.started("calm")).toEqual([]);
});

test("a trigger gets the events after its deployment, also when its first one comes while others are read", async () => {
  const here = await Installation.open(inMemory);
  await here.deploy(first);
  await here.publish("news", "e1");
  const { log } = here.store;
  const read = log.read.bind(log);
  const others = plan({
    flows: {
      other: flow("other", quiet, {
        triggers: [{ kind: "event", topic: "others", overlap: "queue", input: {} }],
      }),
    },
  });
  // Between the look at what is deployed and the look at the log.
  log.read = async (after, limit) => {
    log.read = read;
    await here.deploy(others);
    await here.publish("others", "o1");
    return read(after, limit);
  };
  await here.pass(minuteMs);
  expect(await here.started("others")).toEqual(["o1"]);
});
