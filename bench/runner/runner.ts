/** What durability costs: chains of ten steps on the embedded runner, with raw BullMQ flows in the same run as yardstick. */
import { measure } from "../measure.ts";
import { ratio, report } from "../report.ts";
import type { Figure } from "../report.ts";
import { bullmqChains } from "./bullmq-chains.ts";
import { chainLength, embeddedChains } from "./embedded-chains.ts";
import { postgresChains } from "./postgres-chains.ts";

const busy = { runs: 1_000, concurrency: 100 };
const alone = { runs: 20, concurrency: 1 };

const ours = await embeddedChains();
const theirs = await bullmqChains();
const onPostgres = await postgresChains();
try {
  const [embedded, bullmq, single, postgres] = await measure(
    [
      { name: "embedded", work: () => ours.run(busy) },
      { name: "bullmq", work: () => theirs.run(busy) },
      { name: "alone", work: () => ours.run(alone) },
      { name: "postgres", work: () => onPostgres.run(busy) },
    ],
    { rounds: 7, warmups: 2 },
  );
  if (
    embedded === undefined ||
    bullmq === undefined ||
    single === undefined ||
    postgres === undefined
  )
    throw new Error("nothing was measured");
  const steps = busy.runs * chainLength;
  const perSecond = (name: string, wallMs: number): Figure => ({
    name,
    value: (steps / wallMs) * 1_000,
    unit: "steps/s",
  });
  const embeddedRate = perSecond("embedded, 100 runs at once", embedded.wallMs);
  const bullmqRate = perSecond("BullMQ flows on Redis without disk, 100 at once", bullmq.wallMs);
  report("runner", [
    { ...embeddedRate, bar: { want: "at least", floor: 15_000, goal: 40_000 } },
    bullmqRate,
    perSecond("PostgreSQL, synced at every commit, one process, 100 runs at once", postgres.wallMs),
    ratio(
      "embedded against BullMQ flows",
      { of: embeddedRate, to: bullmqRate },
      { want: "at least", floor: 4, goal: 10 },
    ),
    {
      name: "embedded: processor per step",
      value: (embedded.cpuMs / steps) * 1_000,
      unit: "µs",
      bar: { want: "at most", floor: 70, goal: 35 },
    },
    {
      name: "one run alone, per step",
      value: single.wallMs / alone.runs / chainLength,
      unit: "ms",
      bar: { want: "at most", floor: 0.7, goal: 0.3 },
    },
  ]);
} finally {
  await ours.close();
  await theirs.close();
  await onPostgres.close();
}
