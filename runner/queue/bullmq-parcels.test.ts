import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";

import { startOwnRedis } from "../../tools/services/private-redis.ts";
import { systemClock } from "../system-clock.ts";
import { systemRandom } from "../system-randomness.ts";
import { BullmqTransport } from "./bullmq-transport.ts";
import { queueName } from "./redis-settings.ts";
import { ReadyRuns } from "./transport-conformance.ts";

let redis: Awaited<ReturnType<typeof startOwnRedis>>;
let admin: Redis;
beforeAll(async () => {
  redis = await startOwnRedis();
  admin = new Redis(redis.url);
}, 120_000);
afterAll(async () => {
  admin.disconnect();
  await redis.stop();
});

const opened: BullmqTransport[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((transport) => transport.close()));
});

let count = 0;

async function open(store: ReadyRuns, prefix: string, concurrency = 100): Promise<BullmqTransport> {
  const transport = await BullmqTransport.open({
    settings: { url: redis.url, concurrency, prefix, isLeader: () => false },
    store,
    clock: systemClock,
    random: systemRandom,
    telemetry: { log: () => {} },
    name: `process-${(count += 1)}`,
  });
  opened.push(transport);
  return transport;
}

function notifyAll(store: ReadyRuns, transport: BullmqTransport, runs: readonly string[]): void {
  for (const run of runs) {
    store.add(run);
    transport.notify(run, { flow: "orders.main", priority: 7 });
  }
}

const names = (prefix: string, length: number): string[] =>
  Array.from({ length }, (_, index) => `${prefix}${index}`);

/** Who receives is known to the others from its next beat on. */
async function serve(
  transport: BullmqTransport,
  listener: (run: string) => Promise<boolean>,
): Promise<void> {
  const places = (): number => transport.health().pools[0]?.places ?? 0;
  const before = places();
  transport.receive(listener);
  await vi.waitFor(() => expect(places()).toBeGreaterThan(before), { timeout: 3_000 });
}

const soon = { timeout: 5_000, interval: 10 };

test("runs that are given notice of together share jobs where there are many places, and are counted as runs", async () => {
  const store = new ReadyRuns();
  const prefix = `parcels-${(count += 1)}`;
  const transport = await open(store, prefix);
  const taken: string[] = [];
  await serve(transport, async (run) => store.claim(run) && taken.push(run) > 0);
  const key = `{${prefix}}:${queueName("default")}`;
  const seen: number[] = [];
  const runs = names("r", 60);
  await admin.monitor().then(async (monitor) => {
    monitor.on("monitor", (_time: string, args: readonly string[]) => {
      // BullMQ writes the job's data as one of its fields.
      const data = args.find((text) => text.startsWith('{"runs":'));
      if (data === undefined || args[0]?.toLowerCase() !== "hmset") return;
      seen.push((JSON.parse(data) as { readonly runs: readonly string[] }).runs.length);
    });
    notifyAll(store, transport, runs);
    await vi.waitFor(() => expect(taken.toSorted()).toEqual(runs.toSorted()), soon);
    monitor.disconnect();
  });
  expect(seen).toEqual([10, 10, 10, 10, 10, 10]);
  await vi.waitFor(async () => expect(await admin.keys(`${key}:runs-*`)).toEqual([]), soon);
});

test("a queue that holds jobs of several runs is as full as it has runs", async () => {
  const store = new ReadyRuns();
  const prefix = `parcels-${(count += 1)}`;
  const transport = await open(store, prefix);
  await serve(transport, () => new Promise(() => {}));
  notifyAll(store, transport, names("busy", 100));
  await vi.waitFor(() => expect(transport.health().active).toBe(100), soon);
  notifyAll(store, transport, names("r", 50));
  await vi.waitFor(() => expect(transport.health().pools[0]?.waiting).toBe(50), soon);
});

test("a run that lasts keeps its place only, and not those of the runs that came with it", async () => {
  const store = new ReadyRuns();
  const prefix = `parcels-${(count += 1)}`;
  const transport = await open(store, prefix, 40);
  const taken: string[] = [];
  let held = 0;
  let most = 0;
  await serve(transport, async (run) => {
    if (!store.claim(run)) return false;
    held += 1;
    most = Math.max(most, held);
    if (run.startsWith("long")) await new Promise(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    held -= 1;
    return taken.push(run) > 0;
  });
  // Parcels of four, each with one that never ends; then all but one of the places are taken for ever.
  notifyAll(
    store,
    transport,
    names("", 40).map((name, index) => (index % 4 === 0 ? `long${name}` : `r${name}`)),
  );
  await vi.waitFor(() => expect(taken.length).toBe(30), soon);
  notifyAll(store, transport, names("more", 60));
  await vi.waitFor(() => expect(taken.length).toBe(90), soon);
  notifyAll(store, transport, names("long-again", 29));
  await vi.waitFor(() => expect(held).toBe(39), soon);
  notifyAll(store, transport, names("last", 40));
  await vi.waitFor(() => expect(taken.length).toBe(130), soon);
  expect(most).toBeLessThanOrEqual(40);
});

test("runs that find no place beside those they came with go to another process", async () => {
  const store = new ReadyRuns();
  const prefix = `parcels-${(count += 1)}`;
  const full = await open(store, prefix, 40);
  let held = 0;
  await serve(full, (run) => {
    if (!store.claim(run)) return Promise.resolve(false);
    held += 1;
    return new Promise(() => {});
  });
  notifyAll(store, full, names("busy", 38));
  await vi.waitFor(() => expect(held).toBe(38), soon);
  // A parcel of four for two places.
  notifyAll(store, full, names("r", 16));
  await vi.waitFor(() => expect(held).toBe(40), soon);
  const other = await open(store, prefix, 40);
  const taken: string[] = [];
  await serve(other, async (run) => store.claim(run) && taken.push(run) > 0);
  await vi.waitFor(() => expect(taken.length).toBe(14), soon);
});
