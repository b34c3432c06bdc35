import { assert, required } from "../../base/assert.ts";
import type { RunCreated, RunEvent } from "../../plan/history.ts";
import type { EngineProgram } from "../engine/code.ts";
import { foldRun, restoreRun } from "../engine/fold.ts";
import type { RunMachine } from "../engine/machine.ts";
import type { RunHead } from "../ports/store.ts";
import { RunOwner, type OwnerEnd } from "./run-owner.ts";
import type { LoadedProgram, WorkerHost } from "./worker-host.ts";

/** A run that has taken down so many processes in a row is not given to another one. */
const maxCrashes = 5;

/** Events that are folded before others have their turn: a few milliseconds. */
const eventsAtOnce = 500;

/** A run that this process has just created. */
export interface FreshRun {
  readonly machine: RunMachine;
  readonly program: LoadedProgram;
  readonly created: RunCreated;
}

/**
 * Claims a run and folds its history, from the newest snapshot on. Null when another living process has it, or it
 * does not exist.
 */
export async function assumeRun(options: {
  readonly run: string;
  readonly session: string;
  readonly host: WorkerHost;
  readonly fresh?: FreshRun;
  readonly mayYield?: (events: number) => boolean;
  readonly onEnd: (end: OwnerEnd, error?: unknown) => void;
}): Promise<RunOwner | null> {
  const { run, host, fresh, onEnd, mayYield } = options;
  const claimed = await host.store.claim(run, options.session);
  if (claimed === null) return null;
  const { epoch } = claimed;
  const head =
    claimed.head.endedAtMs === null ? claimed.head : await takeRetry(claimed.head, epoch, host);
  if (head === null) {
    await host.store.release(run, epoch);
    return null;
  }
  if (fresh?.machine.seq === head.seq) {
    fresh.machine.takeEffects();
    return new RunOwner({
      ...fresh,
      epoch,
      snapshotSeq: 0,
      inboxDirty: claimed.hasMail,
      host,
      onEnd,
      mayYield,
    });
  }
  const folded = await fold(run, { head, epoch, host });
  if (folded === null) return null;
  if (folded.crashes >= maxCrashes && folded.machine.phase === "running") {
    await quarantine(folded.machine, epoch, host);
    return null;
  }
  return new RunOwner({ ...folded, epoch, inboxDirty: claimed.hasMail, host, onEnd, mayYield });
}

/** An ended run begins anew when its inbox asks for it. Null when it does not. */
async function takeRetry(head: RunHead, epoch: number, host: WorkerHost): Promise<RunHead | null> {
  const items = await host.store.inbox(head.run);
  const retry = items.find((item) => item.kind === "retry");
  if (retry?.kind !== "retry") return null;
  const { planHash, redo, parked } = retry;
  const { run, seq, cost, tokensIn, tokensOut } = head;
  const atMs = Math.max(host.clock.now(), head.endedAtMs ?? 0);
  const event: RunEvent = {
    kind: "run.retried",
    planHash,
    seq: seq + 1,
    atMs,
    ...(redo === undefined ? {} : { redo }),
    ...(parked === undefined ? {} : { parked }),
  };
  const result = await host.store.append({
    run,
    epoch,
    expectedSeq: seq,
    events: [event],
    head: { status: "queued", wakeAtMs: null, waitsFor: null, cost, tokensIn, tokensOut, planHash },
    taken: items.map((item) => item.id),
  });
  if (result.kind !== "ok") return null;
  return { ...head, planHash, seq: event.seq, status: "queued", endedAtMs: null };
}

/**
 * Folds what is stored: from the newest snapshot, unless the run was retried after it. Null when the process stood still for so long
 * that somebody else has the run by now.
 */
async function fold(
  run: string,
  claimed: { readonly head: RunHead; readonly epoch: number; readonly host: WorkerHost },
): Promise<(FreshRun & { readonly snapshotSeq: number; readonly crashes: number }) | null> {
  const { head, epoch, host } = claimed;
  const { store } = host;
  const { created, snapshot, tail } = await store.load(run);
  assert(created?.kind === "run.created", `run ${run} has no beginning`);
  const program = await host.load({ planHash: head.planHash, created });
  const retried = tail.some((event) => event.kind === "run.retried");
  const restored = snapshot === null || retried ? null : restoreRun(program.code, snapshot.state);
  const machine =
    restored === null
      ? await foldAll(snapshot === null ? tail : await store.events(run, { afterSeq: 0 }), host)
      : await applied(restored, tail);
  if (machine.seq !== head.seq && (await store.head(run))?.epoch !== epoch) return null;
  assert(machine.seq === head.seq, `run ${run} has ${machine.seq} events, not ${head.seq}`);
  // What followed from stored events was stored with them.
  machine.takeEffects();
  return { machine, program, created, snapshotSeq: snapshot?.seq ?? 0, crashes: crashesIn(tail) };
}

/** How often processes have died over the run since it last got anywhere. */
function crashesIn(events: readonly RunEvent[]): number {
  let crashes = 0;
  for (const { kind } of events) {
    if (kind === "run.interrupted") crashes += 1;
    else if (kind !== "activity.started") crashes = 0;
  }
  return crashes;
}

/** Pauses a run that takes every process down with it, until somebody has looked at it and resumes it. */
async function quarantine(machine: RunMachine, epoch: number, host: WorkerHost): Promise<void> {
  const { run, seq: expectedSeq } = machine;
  const nowMs = host.clock.now();
  const events = [
    machine.record({ kind: "run.interrupted", epoch }, nowMs),
    machine.record({ kind: "run.paused" }, nowMs),
  ];
  machine.takeEffects();
  const waitsFor = `somebody to look at it: ${maxCrashes + 1} processes ended while they worked on it`;
  const head = {
    ...machine.spent,
    status: "paused",
    wakeAtMs: machine.wakeAtMs(),
    waitsFor,
    release: true,
  } as const;
  await host.store.append({ run, epoch, expectedSeq, events, head });
  host.telemetry.log({
    level: "error",
    message: `run ${run} was paused; it waits for ${waitsFor}`,
    fields: { run },
  });
  host.settled(run);
}

async function applied(machine: RunMachine, events: readonly RunEvent[]): Promise<RunMachine> {
  for (const [at, event] of events.entries()) {
    machine.apply(event);
    // Other runs have their turn.
    if (at % eventsAtOnce === eventsAtOnce - 1)
      await new Promise((resolve) => setImmediate(resolve));
  }
  return machine;
}

async function foldAll(events: readonly RunEvent[], host: WorkerHost): Promise<RunMachine> {
  const codes = new Map<string, EngineProgram>();
  for (const event of events) {
    if (event.kind !== "run.created" && event.kind !== "run.retried") continue;
    if (!codes.has(event.planHash)) codes.set(event.planHash, await host.compile(event.planHash));
  }
  return foldRun(events, (planHash) => required(codes.get(planHash), "a history names its plans"));
}
