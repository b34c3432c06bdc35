/**
 * What the engine does on workers, with its truth in PostgreSQL: every commit is synced (fsync and synchronous_commit on), Redis
 * keeps nothing on disk. Raw BullMQ flows and the embedded engine in the same run are the yardsticks. All processes,
 * PostgreSQL and Redis share the machine.
 */
import { measure, median, quantile } from "../measure.ts";
import { ratio, report, type Figure } from "../report.ts";
import { bullmqChains } from "./bullmq-chains.ts";
import { distributedChains } from "./distributed-chains.ts";
import { chainLength, embeddedChains } from "./embedded-chains.ts";

const busy = { runs: 1_000, concurrency: 100 };
const steps = busy.runs * chainLength;
const pings = 200;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const perSecond = (name: string, wallMs: number): Figure => ({
  name,
  value: (steps / wallMs) * 1_000,
  unit: "steps/s",
});

const bullmq = await bullmqChains();
const embedded = await embeddedChains();
const viaRedis = await distributedChains({ workers: 1, transport: "redis" });
const byPolling = await distributedChains({ workers: 1, transport: "polling" });
try {
  const [theirs, file, redis, polling] = await measure(
    [
      { name: "bullmq", work: () => bullmq.run(busy) },
      { name: "embedded", work: () => embedded.run(busy) },
      { name: "redis", work: () => viaRedis.run(busy) },
      { name: "polling", work: () => byPolling.run(busy) },
    ],
    { rounds: 5, warmups: 2 },
  );
  if (theirs === undefined || file === undefined || redis === undefined || polling === undefined)
    throw new Error("nothing was measured");
  const bullmqRate = perSecond("BullMQ flows on Redis without disk, 100 at once", theirs.wallMs);
  const embeddedRate = perSecond("embedded, 100 runs at once", file.wallMs);
  const redisRate = perSecond("one worker, PostgreSQL and BullMQ, 100 runs at once", redis.wallMs);
  const pollingRate = perSecond("one worker, PostgreSQL and polling", polling.wallMs);

  await viaRedis.use();
  for (let count = 0; count < pings; count += 1) {
    await viaRedis.ping();
    await pause(10);
  }
  await pause(500);
  const [use] = await viaRedis.use();
  const latencies = use?.latenciesMs ?? [];

  await viaRedis.cutRedis();
  await viaRedis.run(busy);
  const [down] = await measure([{ name: "down", work: () => viaRedis.run(busy) }], {
    rounds: 3,
    warmups: 0,
  });
  const downRate = perSecond("the same worker, Redis down", down?.wallMs ?? Number.NaN);

  report("scale", [
    bullmqRate,
    embeddedRate,
    { ...redisRate, bar: { want: "at least", floor: 10_000, goal: 20_000 } },
    ratio(
      "one worker against BullMQ flows",
      { of: redisRate, to: bullmqRate },
      { want: "at least", floor: 2.5, goal: 5 },
    ),
    pollingRate,
    ratio(
      "Redis down against Redis up",
      { of: downRate, to: redisRate },
      { want: "at least", floor: 0.5, goal: 0.8 },
    ),
    {
      name: "start of a run to its first step in a worker, median",
      value: median(latencies),
      unit: "ms",
      bar: { want: "at most", floor: 5, goal: 2 },
    },
    {
      name: "start of a run to its first step in a worker, 99 of 100",
      value: quantile(latencies, 0.99),
      unit: "ms",
      bar: { want: "at most", floor: 25, goal: 10 },
    },
    {
      name: "memory of a worker after 7,000 runs",
      value: (use?.rssBytes ?? Number.NaN) / 2 ** 20,
      unit: "MB",
      bar: { want: "at most", floor: 130, goal: 100 },
    },
  ]);
} finally {
  for (const chains of [bullmq, embedded, viaRedis, byPolling]) await chains.close();
}
process.exit();
