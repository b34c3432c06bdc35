import { assert, required } from "../../base/assert.ts";
import type { RunCreated, RunEvent } from "../../plan/history.ts";
import { needsAttention } from "../../plan/wait.ts";
import type { Engine } from "../engine/engine.ts";
import { openRun, restoreSteps } from "../engine/fold.ts";
import type { RunMachine } from "../engine/machine.ts";
import { snapshotWeight } from "../engine/snapshot.ts";
import type { ClaimedRun, RunHead, RunHistory } from "../ports/store.ts";
import { applySteps, eventsPerPage, foldHistory, isRetry, type FoldWatch } from "./fold-history.ts";
import { inTurns } from "../ports/in-turns.ts";
import type { OwnerEnd, SnapshotMark } from "./run-owner-options.ts";
import { RunOwner } from "./run-owner.ts";
import type { LoadedProgram, WorkerHost } from "./worker-host.ts";

/** A run that has taken down so many processes in a row is not given to another one. */
const maxCrashes = 5;

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
  readonly onCleared: () => void;
  readonly renew: () => Promise<void>;
}): Promise<RunOwner | null> {
  const { run, host, fresh, onEnd, onCleared, renew, mayYield } = options;
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
      crashes: 0,
      lastedMs: 0,
      epoch,
      snapshot: null,
      inboxDirty: claimed.hasMail,
      host,
      onEnd,
      onCleared,
      renew,
      mayYield,
    });
  }
  // What `takeRetry` adds comes after it.
  const history = head === claimed.head ? claimed.history : undefined;
  const given = history === undefined ? {} : { history };
  const folded = await fold(run, { head, epoch, host, ...given });
  if (folded === null) return null;
  if (folded.crashes >= maxCrashes && folded.machine.phase === "running") {
    await quarantine(folded.machine, epoch, host);
    return null;
  }
  return new RunOwner({
    ...folded,
    epoch,
    inboxDirty: claimed.hasMail,
    host,
    onEnd,
    onCleared,
    renew,
    mayYield,
  });
}

/** An ended run begins anew when its inbox asks for it. Null when it does not. */
async function takeRetry(head: RunHead, epoch: number, host: WorkerHost): Promise<RunHead | null> {
  const items = await host.store.inbox(head.run);
  const retry = items.find((item) => item.kind === "retry");
  if (retry?.kind !== "retry") return null;
  const { planHash, redo, parked, limits } = retry;
  const { run, seq, cost, tokensIn, tokensOut } = head;
  const atMs = Math.max(host.clock.now(), head.endedAtMs ?? 0);
  const event: RunEvent = {
    kind: "run.retried",
    planHash,
    seq: seq + 1,
    atMs,
    ...(redo === undefined ? {} : { redo }),
    ...(parked === undefined ? {} : { parked }),
    ...(limits === undefined ? {} : { limits }),
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
  claimed: Pick<ClaimedRun, "head" | "epoch" | "history"> & { readonly host: WorkerHost },
): Promise<
  | (FreshRun & {
      readonly snapshot: SnapshotMark | null;
      readonly crashes: number;
      readonly lastedMs: number;
    })
  | null
> {
  const { head, epoch, host } = claimed;
  const { store } = host;
  const history = await (claimed.history?.() ?? store.load(run));
  const { created, snapshot } = history;
  assert(created?.kind === "run.created", `run ${run} has no beginning`);
  const program = await host.load({ planHash: head.planHash, created });
  const resumed = await goOn(history, program, { head, host });
  const { machine, watch } =
    resumed ??
    required(await foldHistory(run, host, () => new CrashCount()), "a run has a history");
  if (machine.seq !== head.seq && (await store.head(run))?.epoch !== epoch) return null;
  assert(machine.seq === head.seq, `run ${run} has ${machine.seq} events, not ${head.seq}`);
  // What followed from stored events was stored with them.
  machine.takeEffects();
  // One that could not be read, such as that of another version, saves nobody anything: it is replaced soon.
  const mark =
    snapshot === null || resumed === null
      ? null
      : { seq: snapshot.seq, weight: snapshotWeight(snapshot.state) };
  const { crashes, lastedMs } = watch;
  return { machine, program, created, snapshot: mark, crashes, lastedMs };
}

/** From the newest snapshot, or the beginning. Null when the whole history is needed. */
async function goOn(
  { snapshot, tail }: RunHistory,
  program: LoadedProgram,
  { head, host }: { readonly head: RunHead; readonly host: WorkerHost },
): Promise<{ readonly machine: Engine; readonly watch: CrashCount } | null> {
  const { store, clock } = host;
  const watch = new CrashCount();
  if (tail.some(isRetry)) return null;
  const machine =
    snapshot === null
      ? openRun(program.code)
      : await inTurns(restoreSteps(program.code, snapshot.state), clock);
  if (machine === null) return null;
  for (let page = tail; ;) {
    if (page.some(isRetry)) return null;
    watch.expect(page);
    await inTurns(applySteps(machine, page), clock);
    if (machine.seq >= head.seq || page.length === 0) return { machine, watch };
    page = await store.events(head.run, { afterSeq: machine.seq, limit: eventsPerPage });
  }
}

/** How often processes have died over the run since it last got anywhere. */
class CrashCount implements FoldWatch {
  readonly observer = null;
  crashes = 0;
  /** The longest time that one of them may have lasted with it, in milliseconds. */
  lastedMs = 0;
  private sinceMs: number | null = null;

  expect(events: readonly RunEvent[]): void {
    for (const { kind, atMs } of events) {
      if (kind === "run.interrupted") {
        this.crashes += 1;
        this.lastedMs = Math.max(this.lastedMs, atMs - (this.sinceMs ?? atMs));
        this.sinceMs = atMs;
      } else if (kind === "activity.started") this.sinceMs ??= atMs;
      else {
        this.crashes = 0;
        this.lastedMs = 0;
        this.sinceMs = null;
      }
    }
  }
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
  const waitsFor = `${needsAttention}: ${maxCrashes + 1} processes ended while they worked on it`;
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
