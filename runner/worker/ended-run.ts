import type { RunMachine } from "../engine/machine.ts";
import type { HeadChange, RunHead } from "../ports/store.ts";

/** A run that has ended here, as the store has it, so that whoever waits for it need not ask. */
export type EndedRun = Omit<RunHead, "seq" | "epoch" | "owner" | "priority">;

/** Undefined when the run goes on. */
export function endedRun(
  { run, flow, planHash, startedAtMs: createdAtMs }: RunMachine,
  { ended, status, cost, tokensIn, tokensOut }: HeadChange,
): EndedRun | undefined {
  if (ended === undefined) return undefined;
  const { atMs: endedAtMs, error } = ended;
  const end = { status, endedAtMs, error, wakeAtMs: null, waitsFor: null };
  return { run, flow, planHash, createdAtMs, cost, tokensIn, tokensOut, ...end };
}
