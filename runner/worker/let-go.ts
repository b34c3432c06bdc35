import type { RunEvent } from "../../plan/history.ts";
import { needsAttention, needsProcess } from "../../plan/wait.ts";
import { StoreError } from "../ports/store-error.ts";
import type { RunHead, Store } from "../ports/store.ts";
import type { Clock } from "../ports/clock.ts";

/** The run can't go on in this process, for a reason that its user can mend, and that others may not have. */
export class CannotRunHere extends Error {}

/** Of the reason that is kept; what is longer is in the log. */
const maxReason = 500;

/**
 * Gives back a run that this process can't go on with, and leaves word why: one that lacks something here may go on elsewhere; one that
 * nobody can go on with is paused until somebody has looked at it.
 */
export async function letGo(
  { run, error }: { readonly run: string; readonly error: unknown },
  {
    store,
    clock,
    session,
  }: {
    readonly store: Pick<Store, "head" | "events" | "append" | "release">;
    readonly clock: Pick<Clock, "now">;
    readonly session: string;
  },
): Promise<void> {
  const head = await store.head(run);
  if (head === null || head.owner !== session) return;
  // A store that fails is no fault of the run.
  if (head.endedAtMs !== null || error instanceof StoreError) return store.release(run, head.epoch);
  const text = (error instanceof Error ? error.message : String(error)).replaceAll(/\p{Cc}/gu, " ");
  const here = error instanceof CannotRunHere;
  const waitsFor = `${here ? needsProcess : needsAttention}: ${text.slice(0, maxReason)}`;
  const events = here ? [] : [await pauseOf(head, { store, clock })];
  const { epoch, seq: expectedSeq, cost, tokensIn, tokensOut, wakeAtMs } = head;
  const kept = here ? { status: idleStatus(head), wakeAtMs } : pausedHead;
  const change = { ...kept, waitsFor, cost, tokensIn, tokensOut, release: true };
  const result = await store.append({ run, epoch, expectedSeq, events, head: change });
  if (result.kind !== "ok") await store.release(run, epoch);
}

const pausedHead = { status: "paused", wakeAtMs: null } as const;

/** Whoever is owned looks as if it went on; one that has nothing but its beginning is queued still. */
function idleStatus({ status, seq }: RunHead): RunHead["status"] {
  if (seq === 1) return "queued";
  return status === "paused" || status === "waiting" ? status : "running";
}

/** Written without the state of the run, which may be what fails. */
async function pauseOf(
  { run, seq }: RunHead,
  { store, clock }: { readonly store: Pick<Store, "events">; readonly clock: Pick<Clock, "now"> },
): Promise<RunEvent> {
  const [last] = await store.events(run, { afterSeq: seq - 1, limit: 1 });
  return { kind: "run.paused", seq: seq + 1, atMs: Math.max(clock.now(), last?.atMs ?? 0) };
}
