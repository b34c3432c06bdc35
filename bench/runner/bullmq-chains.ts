import { FlowProducer, QueueEvents, Worker, type FlowJob } from "bullmq";

import { startPrivateRedis } from "../../tools/services/private-redis.ts";
import { chainLength, inParallel, type Chains } from "./embedded-chains.ts";

/**
 * The same chains on BullMQ as it is meant to be used: a flow of jobs, each the parent of the one before it, on a Redis
 * that keeps nothing on disk. So the yardstick does less than we do.
 */
export async function bullmqChains(): Promise<Chains> {
  const redis = await startPrivateRedis();
  const { hostname: host, port } = new URL(redis.url);
  const connection = { host, port: Number(port), maxRetriesPerRequest: null };
  const queue = "chains";
  const waiting = new Map<string, () => void>();
  const worker = new Worker(
    queue,
    async (job) => {
      const before = Object.values(await job.getChildrenValues<{ n: number }>())[0] ?? { n: 0 };
      return { n: before.n + 1, text: "a short text, as steps give it" };
    },
    { connection, concurrency: 100, removeOnComplete: { count: 0 } },
  );
  worker.on("completed", (job) => {
    const done = waiting.get(job.id ?? "");
    waiting.delete(job.id ?? "");
    done?.();
  });
  const events = new QueueEvents(queue, { connection });
  const producer = new FlowProducer({ connection });
  await Promise.all([worker.waitUntilReady(), events.waitUntilReady(), producer.waitUntilReady()]);
  let count = 0;

  async function one(): Promise<void> {
    count += 1;
    const id = `run-${count}`;
    let flow: FlowJob = { name: "s0", queueName: queue, opts: { jobId: `${id}-0` } };
    for (let index = 1; index < chainLength; index += 1) {
      flow = {
        name: `s${index}`,
        queueName: queue,
        opts: { jobId: `${id}-${index}` },
        children: [flow],
      };
    }
    const ended = new Promise<void>((resolve) => waiting.set(`${id}-${chainLength - 1}`, resolve));
    await producer.add(flow);
    await ended;
  }

  return {
    run: (load) => inParallel(load, one),
    async close() {
      await worker.close();
      await events.close();
      await producer.close();
      await redis.stop();
    },
  };
}
