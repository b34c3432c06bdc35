import { createServer, type Server } from "node:net";

import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";

import { startOwnRedis } from "../../tools/services/private-redis.ts";
import type { LogRecord } from "../ports/telemetry.ts";
import { TransportError } from "../ports/transport-error.ts";
import { systemClock } from "../system-clock.ts";
import { systemRandom } from "../system-randomness.ts";
import { BullmqTransport } from "./bullmq-transport.ts";
import type { RedisSettings } from "./redis-settings.ts";
import { ReadyRuns } from "./transport-conformance.ts";

let redis: Awaited<ReturnType<typeof startOwnRedis>>;
beforeAll(async () => {
  redis = await startOwnRedis();
}, 120_000);
afterAll(() => redis.stop());

const opened: BullmqTransport[] = [];
const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
  for (const server of servers.splice(0)) server.close();
});

let count = 0;

async function open(
  store: ReadyRuns,
  settings: Partial<RedisSettings> = {},
): Promise<{ readonly transport: BullmqTransport; readonly log: LogRecord[] }> {
  count += 1;
  const log: LogRecord[] = [];
  const transport = await BullmqTransport.open({
    settings: { url: redis.url, concurrency: 10, prefix: "outage", ...settings },
    store,
    clock: systemClock,
    random: systemRandom,
    telemetry: { log: (record) => log.push(record) },
    name: `process-${count}`,
  });
  opened.push(transport);
  return { transport, log };
}

const within = (timeout: number): { timeout: number; interval: number } => ({
  timeout,
  interval: 10,
});

/** Two processes at work, before, during and after something that is done to Redis. */
async function survive(harm: () => Promise<void>, mend: () => Promise<void>): Promise<LogRecord[]> {
  const store = new ReadyRuns();
  const { transport: starter } = await open(store);
  const { transport: worker, log } = await open(store);
  const taken: string[] = [];
  worker.receive(async (run) => store.claim(run) && taken.push(run) > 0);
  let runs = 0;
  const work = async (): Promise<void> => {
    const from = runs;
    for (; runs < from + 20; runs += 1) {
      store.add(`r${runs}`);
      starter.notify(`r${runs}`);
    }
    await vi.waitFor(() => expect(taken.length).toBe(runs), within(4_000));
  };
  const modes = (mode: string): Promise<void> =>
    vi.waitFor(() => {
      for (const transport of [starter, worker]) expect(transport.health().mode).toBe(mode);
    }, within(4_000));
  await work();
  await harm();
  const beganMs = performance.now();
  await modes("polling");
  expect(performance.now() - beganMs).toBeLessThan(2_500);
  expect(worker.health()).toMatchObject({ ok: false, waiting: null });
  expect(worker.health().problem).toMatch(/Redis/);
  await work();
  await mend();
  await modes("redis");
  const looks = store.looks;
  await work();
  // What arrives through Redis is not looked for.
  expect(store.looks - looks).toBeLessThan(10);
  expect(worker.health()).toMatchObject({ ok: true, connected: true, problem: null });
  return log;
}

test("Redis is killed and comes back empty: work goes on meanwhile, and through Redis afterwards", async () => {
  const log = await survive(redis.chaos.kill, redis.chaos.revive);
  expect(log.map(({ message }) => message)).toContain("Redis is back");
});

test("Redis hangs with its connections open: nobody hangs with it", async () => {
  await survive(
    async () => redis.chaos.freeze(),
    async () => redis.chaos.thaw(),
  );
});

test("Redis is out of memory: work goes on without it until it has some", async () => {
  const admin = new Redis(redis.url);
  const log = await survive(
    async () => void (await admin.config("SET", "maxmemory", "1")),
    async () => void (await admin.config("SET", "maxmemory", "0")),
  );
  expect(log.some(({ message }) => message.includes("OOM"))).toBe(true);
  admin.disconnect();
});

test("a short interruption is no reason to do anything else", async () => {
  const store = new ReadyRuns();
  const { transport } = await open(store);
  const taken: string[] = [];
  transport.receive(async (run) => store.claim(run) && taken.push(run) > 0);
  const admin = new Redis(redis.url);
  await admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  store.add("a");
  transport.notify("a");
  await vi.waitFor(() => expect(taken).toEqual(["a"]), within(4_000));
  expect(transport.health()).toMatchObject({ mode: "redis", connected: true });
  admin.disconnect();
});

test("started without Redis, a process works by polling and says what to do; it uses Redis once there is one", async () => {
  await redis.chaos.kill();
  const store = new ReadyRuns();
  const beganMs = performance.now();
  const { transport, log } = await open(store);
  expect(performance.now() - beganMs).toBeLessThan(4_000);
  expect(log[0]?.message).toMatch(
    /^Redis at redis:\/\/127\.0\.0\.1:\d+ can't be reached: .*ECONNREFUSED.*Start it/s,
  );
  const taken: string[] = [];
  transport.receive(async (run) => store.claim(run) && taken.push(run) > 0);
  store.add("a");
  await vi.waitFor(() => expect(taken).toEqual(["a"]), within(3_000));
  await expect(open(store, { whenUnreachable: "refuse" })).rejects.toThrow(TransportError);
  await redis.chaos.revive();
  await vi.waitFor(() => expect(transport.health().mode).toBe("redis"), within(4_000));
  store.add("b");
  transport.notify("b");
  await vi.waitFor(() => expect(taken).toEqual(["a", "b"]), within(3_000));
});

test("a server that takes connections and says nothing is given up after a moment", async () => {
  redis.chaos.freeze();
  const beganMs = performance.now();
  await expect(open(new ReadyRuns(), { whenUnreachable: "refuse" })).rejects.toMatchObject({
    kind: "unreachable",
  });
  expect(performance.now() - beganMs).toBeLessThan(4_000);
  redis.chaos.thaw();
});

test("a server that wants a password is told apart from one that is away", async () => {
  const admin = new Redis(redis.url);
  await admin.config("SET", "requirepass", "secret");
  await expect(open(new ReadyRuns())).rejects.toMatchObject({
    kind: "refused",
    message: expect.stringContaining("redis://user:password@host:port"),
  });
  const wrong = redis.url.replace("redis://", "redis://:wrong-word@");
  const fault = await open(new ReadyRuns(), { url: wrong }).catch((error: Error) => error);
  expect(fault).toMatchObject({ kind: "refused" });
  expect(String(fault)).not.toContain("wrong-word");
  const right = redis.url.replace("redis://", "redis://:secret@");
  expect((await open(new ReadyRuns(), { url: right })).transport.health().mode).toBe("redis");
  await admin.config("SET", "requirepass", "");
  admin.disconnect();
});

test("a Redis that evicts is refused when it has a limit, and warned about otherwise", async () => {
  const admin = new Redis(redis.url);
  await admin.config("SET", "maxmemory-policy", "allkeys-lru");
  const { log } = await open(new ReadyRuns());
  expect(log[0]).toMatchObject({ level: "warn", message: expect.stringContaining("noeviction") });
  await admin.config("SET", "maxmemory", "100mb");
  await expect(open(new ReadyRuns())).rejects.toMatchObject({ kind: "unsuitable" });
  const bold = await open(new ReadyRuns(), { eviction: "warn" });
  expect(bold.log[0]?.level).toBe("warn");
  await admin.config("SET", "maxmemory", "0");
  await admin.config("SET", "maxmemory-policy", "noeviction");
  admin.disconnect();
});

test("an old Redis is refused", async () => {
  const info = "redis_version:5.0.7\r\nloading:0\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n";
  const server = createServer((socket) => {
    socket.on("data", (chunk) => {
      const commands = chunk.toString().match(/^\*\d+\r$/gm)?.length ?? 0;
      const asks = /\binfo\b/i.test(chunk.toString());
      for (let index = 0; index < commands; index += 1)
        socket.write(asks ? `$${info.length}\r\n${info}\r\n` : "+OK\r\n");
    });
    socket.on("error", () => {});
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await expect(open(new ReadyRuns(), { url: `redis://127.0.0.1:${port}` })).rejects.toMatchObject({
    kind: "unsuitable",
    message: expect.stringContaining("version 5.0.7"),
  });
});
