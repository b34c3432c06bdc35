import { join } from "node:path";

import { openRunner, type OperatedRunner } from "../../runner/index.ts";
import type { Store } from "../../runner/ports/store.ts";
import { bundleScript } from "../../tools/services/bundle-script.ts";
import { checkCancels } from "./check-cancels.ts";
import { checkEmbedded } from "./check-embedded.ts";
import { checkEndings } from "./check-endings.ts";
import { checkHistories } from "./check-histories.ts";
import { checkLedger } from "./check-ledger.ts";
import { checkLimits } from "./check-limits.ts";
import { checkPayloads } from "./check-payloads.ts";
import { checkTriggers } from "./check-triggers.ts";
import { checkWrites } from "./check-writes.ts";
import { collectEvidence, type Check, type Evidence } from "./evidence.ts";
import { runFaults, type FaultRecord } from "./fault-run.ts";
import { Ledger } from "./ledger.ts";
import { Load } from "./load.ts";
import { MemoryWatch } from "./memory-watch.ts";
import { Observer } from "./observer.ts";
import type { ChaosOptions } from "./options.ts";
import { planFaults } from "./plan-faults.ts";
import { programFolder } from "./program.ts";
import { Recoveries, type Recovery } from "./recoveries.ts";
import { lengthy } from "./scripts.ts";
import { startServices, type Services } from "./services.ts";
import { settle } from "./settle.ts";
import { Workers } from "./workers.ts";

export interface ChaosResult {
  readonly options: ChaosOptions;
  readonly evidence: Evidence;
  readonly violations: readonly string[];
  readonly faults: readonly FaultRecord[];
  readonly recoveries: readonly Recovery[];
  readonly looks: number;
  /** Commits whose answer was lost. */
  readonly lostCommits: number;
  /** How long it took until everything had come to rest after the last fault. */
  readonly settledMs: number;
  /** The most memory that one worker took. */
  readonly mostBytes: number;
  /** What workers said, the last of it. */
  readonly log: readonly string[];
}

/** What happens while it goes on, for whoever waits. */
export type Say = (text: string) => void;

/** Everything that a run of chaos has open. */
interface Scene {
  readonly options: ChaosOptions;
  readonly services: Services;
  readonly ledger: Ledger;
  readonly workers: Workers;
  readonly store: Store;
  readonly runner: OperatedRunner;
  readonly load: Load;
  readonly log: readonly string[];
}

const lastLines = 4_000;

const checks: readonly Check[] = [
  checkHistories,
  checkWrites,
  checkEndings,
  checkCancels,
  checkLedger,
  checkLimits,
  checkTriggers,
];

/** Load and faults from one seed, a time to come to rest, and then all checks. `sayMore` hears what workers say, too. */
export async function runChaos(
  options: ChaosOptions,
  say: Say,
  sayMore: Say = () => {},
): Promise<ChaosResult> {
  const closers: (() => unknown)[] = [];
  try {
    const scene = await setUp(options, closers, sayMore);
    return await perform(scene, say);
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

async function setUp(
  options: ChaosOptions,
  closers: (() => unknown)[],
  sayMore: Say,
): Promise<Scene> {
  const services = await startServices({
    inFile: options.transport === "file",
    disk: options.faults.includes("disk-full"),
  });
  closers.push(services.close);
  const ledger = new Ledger({ onPoison: (name) => workers.killNamed(name) });
  await ledger.open();
  closers.push(() => ledger.close());
  const log: string[] = [];
  const redisUrl = options.transport === "redis" ? (services.servers?.redis.url ?? null) : null;
  const settings = {
    runner: services.runner,
    store: services.storeUrl,
    redis: redisUrl,
    ledger: ledger.url,
    folder: programFolder,
    concurrency: 40,
  };
  const workers = new Workers({
    count: options.workers,
    script: await bundleScript(join(import.meta.dirname, "worker-process.ts")),
    settings,
    otherRunner: services.otherRunner,
    log(text) {
      sayMore(text);
      log.push(`${new Date().toISOString()} ${text}`);
      if (log.length > lastLines) log.splice(0, lastLines / 2);
    },
  });
  closers.push(() => workers.close());
  const store = await services.openStore();
  closers.push(() => store.close());
  const runner = await openRunner({
    store: services.storeUrl,
    variables: { LEDGER_URL: ledger.url, WORKER_NAME: "harness" },
    folder: programFolder,
    models: { kind: "mock" },
    work: "none",
    transport: redisUrl === null ? { kind: "polling" } : { kind: "redis", url: redisUrl },
  });
  closers.push(() => runner.close({ graceMs: 0 }));
  const { seed, perSecond } = options;
  const load = new Load({ seed, runner, perSecond });
  await load.deploy();
  await workers.open();
  return { options, services, ledger, workers, store, runner, load, log };
}

async function perform(scene: Scene, say: Say): Promise<ChaosResult> {
  const { options, services, workers, store, load } = scene;
  const tickedFromMs = Date.now();
  const observer = new Observer(store);
  observer.open();
  const memory = new MemoryWatch(workers);
  const recoveries = new Recoveries(store);
  const records: FaultRecord[] = [];
  const planned = planFaults({
    seed: options.seed,
    forMs: options.forMs,
    kinds: options.faults,
    workers: options.workers,
  });
  const [schedule] = await Promise.all([
    backfill(scene),
    load.run(options.forMs),
    options.faults.includes("worker-upgrade") ? load.startOne(lengthy) : null,
    runFaults(
      planned,
      { services, workers, recoveries, load },
      {
        began: ({ kind, victim, forMs, size }) =>
          say(`${kind} victim ${victim}, ${forMs} ms, size ${size}`),
        ended: (record) => records.push(record),
      },
    ),
  ]);
  const restMs = Date.now();
  say("no more faults: waits until everything has come to rest");
  await scene.runner.operations.pauseSchedule(schedule);
  await settle({ store, load, poisoned: options.faults.includes("poison") });
  const settledMs = Date.now() - restMs;
  memory.close();
  await load.askAgain(20);
  await observer.look();
  await observer.close();
  await recoveries.settled();
  say(`at rest after ${settledMs} ms: checks`);
  const evidence = await collectEvidence(store, {
    plans: new Map(load.plans.map((plan) => [plan.hash, plan])),
    started: load.started,
    ledger: scene.ledger.entries,
    prefixes: observer.prefixes,
    faults: records,
    writes: await services.readWrites(),
    tickedFromMs,
    tickedUntilMs: restMs,
  });
  const violations = await allFaults(scene, evidence, [...observer.faults, ...memory.faults]);
  return {
    options,
    evidence,
    violations,
    faults: records,
    recoveries: recoveries.measured,
    looks: observer.looks,
    lostCommits: services.servers?.proxy.lost ?? 0,
    settledMs,
    mostBytes: memory.most,
    log: scene.log,
  };
}

/** What was seen while it went on, and what the checks find at the end. */
async function allFaults(
  { services, workers, load }: Scene,
  evidence: Evidence,
  seen: readonly string[],
): Promise<readonly string[]> {
  const refused = load.refused > 0 ? [`I8 ${load.refused} starts were never acknowledged`] : [];
  const faults = [
    ...seen,
    ...load.faults,
    ...workers.crashes.map((text) => `I0 ${text}`),
    ...checks.flatMap((check) => check(evidence)),
    ...(await checkPayloads(await services.readPayloads())),
    ...(await checkEmbedded(evidence)),
    ...refused,
  ];
  return [...new Set(faults)];
}

const backfilledMs = 5 * 60_000;

/** Two ask for the same past at once: each tick has one run all the same. Gives the schedule. */
async function backfill({ runner }: Scene): Promise<string> {
  const untilMs = Date.now();
  const [schedule] = await runner.operations.schedules();
  if (schedule === undefined) throw new Error("the program has no schedule");
  const range = { schedule: schedule.id, fromMs: untilMs - backfilledMs, untilMs };
  await Promise.allSettled([1, 2].map(() => runner.operations.backfill(range)));
  return schedule.id;
}
