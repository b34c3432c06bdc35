import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";

import { startOwnRedis } from "../../tools/services/private-redis.ts";
import type { LogRecord } from "../ports/telemetry.ts";
import { seededUnit } from "../ports/seeded-random.ts";
import type { Transport } from "../ports/transport.ts";
import { systemClock } from "../system-clock.ts";
import { systemRandom } from "../system-randomness.ts";
import { createWorker, type Hearing } from "./bullmq-consumer.ts";
import { queueName, type RedisSettings } from "./redis-settings.ts";
import { BullmqTransport } from "./bullmq-transport.ts";
import { ReadyRuns, transportConformance } from "./transport-conformance.ts";

let redis: Awaited<ReturnType<typeof startOwnRedis>>;
let admin: Redis;
beforeAll(async () => {
  redis = await startOwnRedis();
  admin = new Redis(redis.url);
  admin.on("error", () => {});
}, 120_000);
afterAll(async () => {
  admin.disconnect();
  await redis.stop();
});

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

let count = 0;

interface Process {
  readonly transport: BullmqTransport;
  readonly log: LogRecord[];
}

/** A process of its own, as far as the transport can tell. */
async function openProcess(
  store: ReadyRuns,
  settings: Partial<RedisSettings>,
  hearing?: Hearing,
): Promise<Process> {
  count += 1;
  const log: LogRecord[] = [];
  const transport = await BullmqTransport.open(
    {
      settings: { url: redis.url, concurrency: 10, ...settings },
      store,
      clock: systemClock,
      random: systemRandom,
      telemetry: { log: (record) => log.push(record) },
      name: `process-${count}`,
    },
    hearing,
  );
  opened.push(transport);
  return { transport, log };
}

const freshPrefix = (): string => `test-${(count += 1)}`;

/** Takes what it is given, and says what it took. */
function takeAll(store: ReadyRuns, transport: Transport): string[] {
  const taken: string[] = [];
  transport.receive(async (run) => store.claim(run) && taken.push(run) > 0);
  return taken;
}

const soon = { timeout: 3_000, interval: 10 };

describe("conformance", () => {
  transportConformance(async () => {
    const store = new ReadyRuns();
    const prefix = freshPrefix();
    return {
      store,
      open: async (concurrency) => (await openProcess(store, { prefix, concurrency })).transport,
      close: async () => {},
    };
  });
});

test("jobs hold a run's id and are named after its flow; the more urgent go first; a run is in the queue once", async () => {
  const store = new ReadyRuns();
  const prefix = freshPrefix();
  const { transport } = await openProcess(store, { prefix, concurrency: 1 });
  const key = `{${prefix}}:${queueName("default")}`;
  const priorities = { low: 3, high: 7, critical: 10, background: 1, medium: 5 };
  for (const [run, priority] of Object.entries(priorities)) {
    store.add(run, priority);
    for (let times = 0; times < 3; times += 1)
      transport.notify(run, { priority, flow: "orders.main" });
    await transport.drain();
  }
  expect(await admin.zcard(`${key}:prioritized`)).toBe(5);
  expect(await admin.hmget(`${key}:run-low`, "name", "data")).toEqual([
    "orders.main",
    '{"run":"low"}',
  ]);
  const taken = takeAll(store, transport);
  await vi.waitFor(() => expect(taken.length).toBe(5), soon);
  expect(taken).toEqual(["critical", "high", "medium", "low", "background"]);
  await vi.waitFor(async () => expect(await admin.keys(`${key}:run-*`)).toEqual([]), soon);
});

test("pools are queues of their own", async () => {
  const store = new ReadyRuns();
  const prefix = freshPrefix();
  const general = await openProcess(store, { prefix });
  const special = await openProcess(store, { prefix, pools: ["gpu: big"] });
  const seen: string[] = [];
  general.transport.receive(async (run) => seen.push(`general ${run}`) > 0);
  special.transport.receive(async (run) => seen.push(`special ${run}`) > 0);
  general.transport.notify("a", { pool: "gpu: big" });
  special.transport.notify("b");
  await vi.waitFor(() => expect(seen.toSorted()).toEqual(["general b", "special a"]), soon);
});

test("a hint reaches other processes", async () => {
  const store = new ReadyRuns();
  const prefix = freshPrefix();
  const one = await openProcess(store, { prefix });
  const other = await openProcess(store, { prefix });
  const seen: string[] = [];
  other.transport.receiveCancelHints((run) => seen.push(run));
  one.transport.receiveCancelHints((run) => seen.push(run));
  await vi.waitFor(() => {
    one.transport.cancelHint("a");
    expect(seen.length).toBeGreaterThan(1);
  }, soon);
  expect(new Set(seen)).toEqual(new Set(["a"]));
});

test("the queue stays short; what found no room follows when there is some", async () => {
  const store = new ReadyRuns();
  const prefix = freshPrefix();
  const { transport } = await openProcess(store, { prefix, concurrency: 20 });
  const key = `{${prefix}}:${queueName("default")}`;
  for (let index = 0; index < 1_000; index += 1) {
    store.add(`r${index}`);
    transport.notify(`r${index}`);
  }
  await transport.drain();
  expect(await admin.zcard(`${key}:prioritized`)).toBeLessThanOrEqual(100);
  const taken = takeAll(store, transport);
  await vi.waitFor(() => expect(taken.length).toBe(1_000), { timeout: 30_000 });
});

test("notices that were lost with all of Redis's data are sent again within two seconds", async () => {
  const store = new ReadyRuns();
  const prefix = freshPrefix();
  const { transport } = await openProcess(store, { prefix });
  const idle = takeAll(store, transport);
  await vi.waitFor(() => expect(transport.leads).toBe(true), soon);
  for (let index = 0; index < 50; index += 1) store.add(`r${index}`);
  const beganMs = performance.now();
  await admin.flushall();
  await vi.waitFor(() => expect(idle.length).toBe(50), { timeout: 5_000, interval: 10 });
  expect(performance.now() - beganMs).toBeLessThan(2_000);
});

test.each(["1", "2", "3"])(
  "keys that vanish at random change nothing (seed %s)",
  async (seed) => {
    const store = new ReadyRuns();
    const prefix = freshPrefix();
    const processes = [
      await openProcess(store, { prefix, concurrency: 5 }),
      await openProcess(store, { prefix, concurrency: 5 }),
    ];
    const taken = processes.map(({ transport }) => takeAll(store, transport));
    const unit = seededUnit(seed);
    for (let index = 0; index < 150; index += 1) {
      store.add(`r${index}`);
      processes[index % 2]?.transport.notify(`r${index}`);
      if (index % 3 > 0) continue;
      const keys = (await admin.keys(`{${prefix}}*`)).toSorted();
      const victim = keys[Math.floor(unit() * keys.length)];
      if (victim !== undefined) await admin.del(victim);
    }
    await vi.waitFor(() => expect(store.ready.size).toBe(0), { timeout: 8_000, interval: 20 });
    expect(taken.flat().toSorted()).toEqual(
      Array.from({ length: 150 }, (_, index) => `r${index}`).toSorted(),
    );
  },
  15_000,
);

test("runs whose notice never came, or went to a process that is gone, are given notice of again", async () => {
  const store = new ReadyRuns();
  const prefix = freshPrefix();
  const { transport } = await openProcess(store, { prefix });
  let refusals = 0;
  const taken: string[] = [];
  transport.receive((run) => {
    // It takes the job and is never heard of again.
    if (run === "stuck" && (refusals += 1) === 1) return new Promise<boolean>(() => {});
    return Promise.resolve(store.claim(run) && taken.push(run) > 0);
  });
  store.add("unsaid");
  store.add("stuck");
  transport.notify("stuck");
  await vi.waitFor(() => expect(taken.toSorted()).toEqual(["stuck", "unsaid"]), { timeout: 5_000 });
});

test("one of several processes leads, and another one soon after its end", async () => {
  const store = new ReadyRuns();
  const prefix = freshPrefix();
  const [one, two] = [await openProcess(store, { prefix }), await openProcess(store, { prefix })];
  takeAll(store, one.transport);
  takeAll(store, two.transport);
  const leaders = (): number => [one, two].filter(({ transport }) => transport.leads).length;
  await vi.waitFor(() => expect(leaders()).toBe(1), soon);
  const [leader, other] = one.transport.leads ? [one, two] : [two, one];
  await leader.transport.close();
  await vi.waitFor(() => expect(other.transport.leads).toBe(true), soon);
});

test("a consumer that hears nothing although there is work is replaced", async () => {
  const store = new ReadyRuns();
  const prefix = freshPrefix();
  let made = 0;
  const deafAtFirst: typeof createWorker = (...given) => {
    const worker = createWorker(...given);
    made += 1;
    // Takes nothing, while it believes to be running.
    if (made === 1) void worker.pause(true);
    return worker;
  };
  const { transport, log } = await openProcess(
    store,
    { prefix },
    { createWorker: deafAtFirst, deafMs: 500 },
  );
  const taken = takeAll(store, transport);
  store.add("a");
  transport.notify("a");
  await vi.waitFor(() => expect(taken).toEqual(["a"]), { timeout: 9_000 });
  expect(log.map(({ message }) => message)).toContain(
    "nothing arrives from pool default any more; connecting anew",
  );
}, 15_000);
