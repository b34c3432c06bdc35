import type { RunDetail, Runner } from "../../runner/index.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Progress } from "../live/progress.ts";
import { onInterrupt } from "./interrupts.ts";
import type { Session } from "./with-runner.ts";

const refreshMs = 100;

/** A cancellation can't be taken back, so the second of two quick Ctrl-C must come before it begins. */
const cancelAfterMs = 750;

export interface Followed {
  /** As it is when it has ended or waits for somebody. */
  readonly run: RunDetail;
  /** 0 none; 1 the run was cancelled; 2 it was left to be resumed. */
  readonly interrupts: number;
  /** A cancellation had begun: resuming ends it. */
  readonly cancelling: boolean;
}

/** Shows a run until it ends or waits for somebody. Ctrl-C cancels it; a second one leaves it as it is. */
export async function followRun(id: string, session: Session): Promise<Followed> {
  const { runner, progress } = session;
  const leave = new AbortController();
  let interrupts = 0;
  let cancelling = false;
  const cancel = (): void => {
    cancelling = true;
    // A refusal says that the run has ended meanwhile, which `wait` reports.
    void runner.cancel(id, "interrupted at the terminal");
  };
  let cancelSoon: NodeJS.Timeout | undefined;
  const stopListening = onInterrupt((count) => {
    interrupts = Math.max(interrupts, Math.min(count, 2));
    if (count >= 2) {
      clearTimeout(cancelSoon);
      session.leaveAtOnce();
      leave.abort();
    } else {
      progress.note(
        "cancelling and compensating; Ctrl-C again stops at once and leaves the run to `agentflow resume`",
      );
      cancelSoon = setTimeout(cancel, cancelAfterMs);
    }
  });
  const stopShowing = showRun(runner, id, progress);
  try {
    await noteHold(id, session);
    await waitFor(runner, id, leave.signal);
  } finally {
    clearTimeout(cancelSoon);
    stopListening();
    await stopShowing();
  }
  const run = await runner.show(id);
  if (run === null) throw new Error(`run ${id} is not in the store any more`);
  progress.finish(run);
  return { run, interrupts, cancelling };
}

/** A run that is held looks like one that hangs. */
async function noteHold(id: string, { runner, progress }: Session): Promise<void> {
  const holds = await runner.operations.holds();
  if (holds.length === 0) return;
  const run = await runner.show(id);
  const hold = holds.find(({ flow }) => flow === null || flow === run?.flow);
  if (hold === undefined || run?.endedAtMs !== null) return;
  const [what, words] =
    hold.flow === null ? ["all flows are", "--all"] : [`flow ${hold.flow} is`, hold.flow];
  progress.note(
    `${what} held (${hold.reason}): the run stands still until \`agentflow lift ${words}\``,
  );
}

async function waitFor(runner: Runner, id: string, signal: AbortSignal): Promise<void> {
  try {
    await runner.wait(id, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Reads the run after it changed, at most ten times a second. Gives the way to stop. */
function showRun(runner: Runner, id: string, progress: Progress): () => Promise<void> {
  let dirty = true;
  let reading: Promise<void> | null = null;
  const read = async (): Promise<void> => {
    const run = await runner.show(id);
    if (run !== null) progress.update(run);
  };
  const tick = (): void => {
    if (!dirty || reading !== null) return;
    dirty = false;
    reading = read().finally(() => {
      reading = null;
    });
  };
  const stopWatching = runner.watch(id, () => {
    dirty = true;
  });
  const timer = setInterval(tick, refreshMs);
  tick();
  return async () => {
    clearInterval(timer);
    stopWatching();
    await reading;
  };
}

/** Exit code for what became of a run. */
export function exitCodeOf({ run, interrupts }: Followed): number {
  if (interrupts > 0) return exitCodes.interrupted;
  switch (run.status) {
    case "succeeded":
      return exitCodes.ok;
    case "failed":
    case "cancelled":
      return exitCodes.failed;
    case "queued":
    case "running":
    case "waiting":
    case "paused":
      return exitCodes.waiting;
  }
}
