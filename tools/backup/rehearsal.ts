import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openRunner } from "../../runner/index.ts";
import { openTestStore } from "../../runner/fixtures/worker-settings.ts";
import type { Store } from "../../runner/ports/store.ts";
import { allHeads, checkRestored, readHistories, type Histories } from "./check-restored.ts";
import { bundleScript } from "../services/bundle-script.ts";
import { startLoad, type StartedRun } from "./load.ts";
import type { Backup, Site } from "./site.ts";

/** Of the worker; made once. */
let script: Promise<string> | undefined;

export interface RehearsalOptions {
  readonly open: () => Promise<Site>;
  /** How long runs are started before the backup begins, and again until the disaster. Milliseconds. */
  readonly loadMs: number;
  readonly workers: number;
}

/** Times are in milliseconds. */
export interface Rehearsed {
  readonly backupMs: number;
  readonly backupBytes: number;
  readonly started: number;
  /** Runs whose start was answered, and which the backup does not have. */
  readonly lost: number;
  /** Recovery point: how far back the newest restored event lies, seen from the disaster. */
  readonly pointMs: number;
  /** From the disaster until the restored store was there. */
  readonly restoredMs: number;
  /** Recovery time: from the disaster until the first step of a restored run. */
  readonly recoveryMs: number;
  /** From the disaster until every restored run had ended. */
  readonly endedMs: number;
  /** Runs that had not ended in the backup. */
  readonly unfinished: number;
  /** Effects that were brought about again, each under the key that it had before. */
  readonly repeated: number;
  readonly faults: readonly string[];
}

/** Loses a site under load, and goes on elsewhere with what its backup has. */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsed> {
  const scratch = mkdtempSync(join(tmpdir(), "agentflow-rehearsal-"));
  const ledger = join(scratch, "ledger");
  writeFileSync(ledger, "");
  try {
    const before = await untilDisaster(options, ledger);
    try {
      return await afterDisaster(options, ledger, before);
    } finally {
      await before.backup.remove();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface Before {
  readonly backup: Backup;
  readonly backupMs: number;
  /** Histories as they were before the backup began. */
  readonly known: Histories;
  readonly started: readonly StartedRun[];
  readonly lostAtMs: number;
}

async function untilDisaster(
  { open, loadMs, workers }: RehearsalOptions,
  ledger: string,
): Promise<Before> {
  const site = await open();
  const crew = await startWorkers({ site, ledger, workers });
  const store = await openTestStore(site.store);
  const runner = await openRunner({
    store,
    variables: {},
    folder: "/",
    models: { kind: "mock" },
    modules: {
      call: () => Promise.reject(new Error("a process that only starts runs made a call")),
      check: () => Promise.resolve(null),
      close: () => Promise.resolve(),
    },
    work: "none",
    transport: site.transport,
  });
  const load = startLoad(runner);
  await pause(loadMs);
  const known = await readHistories(store);
  const beganMs = performance.now();
  const backup = await site.backUp();
  const backupMs = performance.now() - beganMs;
  await pause(loadMs);
  await load.stop();
  const lostAtMs = Date.now();
  await Promise.all(crew.map((worker) => kill(worker)));
  await runner.close({ graceMs: 0 });
  await store.close();
  await site.destroy();
  return { backup, backupMs, known, started: load.started, lostAtMs };
}

async function afterDisaster(
  { workers }: RehearsalOptions,
  ledger: string,
  { backup, backupMs, known, started, lostAtMs }: Before,
): Promise<Rehearsed> {
  const doneBefore = effectsOf(ledger);
  const site = await backup.restore();
  const store = await openTestStore(site.store);
  const heads = await allHeads(store);
  const histories = await readHistories(store);
  const newestMs = Math.max(0, ...[...histories.values()].map((all) => all.at(-1)?.atMs ?? 0));
  const unfinished = heads.filter((head) => head.endedAtMs === null);
  const restoredMs = Date.now() - lostAtMs;
  const crew = await startWorkers({ site, ledger, workers });
  try {
    const { recoveryMs, endedMs } = await goOn(store, histories, lostAtMs);
    const effects = effectsOf(ledger);
    const faults = [
      ...(await checkRestored(store, known)),
      ...(await checkEffects(store, effects)),
    ];
    return {
      backupMs,
      backupBytes: backup.bytes,
      started: started.length,
      lost: started.filter(({ run }) => !histories.has(run)).length,
      pointMs: Math.max(0, lostAtMs - newestMs),
      restoredMs,
      recoveryMs,
      endedMs,
      unfinished: unfinished.length,
      repeated: [...doneBefore].filter(([key, times]) => (effects.get(key) ?? 0) > times).length,
      faults,
    };
  } finally {
    await Promise.all(crew.map((worker) => kill(worker)));
    await store.close();
    await site.destroy();
  }
}

const patienceMs = 60_000;

/** Waits for the first step, and for the end of all runs. */
async function goOn(
  store: Store,
  restored: Histories,
  lostAtMs: number,
): Promise<{ readonly recoveryMs: number; readonly endedMs: number }> {
  const deadlineMs = Date.now() + patienceMs;
  let recoveryMs: number | null = null;
  for (;;) {
    const heads = await allHeads(store);
    const moved = heads.some((head) => head.seq > (restored.get(head.run)?.length ?? 0));
    if (moved && recoveryMs === null) recoveryMs = Date.now() - lostAtMs;
    const open = heads.filter((head) => head.endedAtMs === null).length;
    if (open === 0) {
      const endedMs = Date.now() - lostAtMs;
      return { recoveryMs: recoveryMs ?? endedMs, endedMs };
    }
    if (Date.now() > deadlineMs)
      throw new Error(`${open} of ${heads.length} restored runs have not ended`);
    await pause(50);
  }
}

/** I10: what a history says was done was done, under the key of its step. */
async function checkEffects(
  store: Store,
  effects: ReadonlyMap<string, number>,
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const [run, events] of await readHistories(store))
    for (const event of events)
      if (event.kind === "activity.succeeded" && !effects.has(`${run}:${event.path}`))
        faults.push(`I10 ${run}:${event.path} has succeeded and was never done`);
  return faults;
}

/** How often each effect was brought about, by its key. */
function effectsOf(ledger: string): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const line of readFileSync(ledger, "utf8").split("\n")) {
    const [kind, , key = ""] = line.split(" ");
    if (kind === "done") times.set(key, (times.get(key) ?? 0) + 1);
  }
  return times;
}

async function startWorkers(given: {
  readonly site: Pick<Site, "store" | "transport">;
  readonly ledger: string;
  readonly workers: number;
}): Promise<readonly ChildProcess[]> {
  const { site, ledger, workers } = given;
  script ??= bundleScript(join(import.meta.dirname, "../../runner/fixtures/worker-process.ts"));
  const path = await script;
  const { store, transport } = site;
  const settings = JSON.stringify({ store, transport, ledger, workMs: 30 });
  return Promise.all(
    Array.from({ length: workers }, async () => {
      const worker = spawn(process.execPath, [path, settings], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      const end = (): void => void worker.kill("SIGKILL");
      process.once("exit", end);
      worker.once("exit", () => process.off("exit", end));
      await Promise.race([
        once(worker.stdout, "data"),
        once(worker, "exit").then(() => {
          throw new Error("a worker ended before it was ready");
        }),
      ]);
      return worker;
    }),
  );
}

async function kill(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const gone = once(worker, "exit");
  worker.kill("SIGKILL");
  await gone;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
