import type { Check, RunRecord } from "./evidence.ts";
import type { StartedRun } from "./load.ts";

/** I8, I9, I13, I16: every start has a run, every run has ended as its script says, and what failed is kept. */
export const checkEndings: Check = (evidence) => {
  const faults: string[] = [];
  for (const started of evidence.started) {
    const record = evidence.runs.get(started.run);
    if (record === undefined)
      faults.push(`I8 run ${started.run} (${started.script.flow}) was acknowledged and is gone`);
    else faults.push(...checkEnding(started, record));
  }
  for (const [run, { head }] of evidence.runs) {
    if (head.endedAtMs === null && head.flow !== "poisoned")
      faults.push(
        `I9 run ${run} (${head.flow}) is still ${head.status}; owner ${head.owner}, wakes ${head.wakeAtMs}, waits for ${head.waitsFor}`,
      );
    if (head.flow === "poisoned" && head.status !== "paused")
      faults.push(`I9 the poisoned run ${run} is ${head.status} instead of paused`);
    const letters = evidence.deadLetters.filter((letter) => letter.run === run);
    // That of a run that was retried is closed.
    const whole = letters.filter(({ path, status }) => path === null && status === "open");
    const wanted = head.status === "failed" ? 1 : 0;
    // One that had failed when its cancellation came may be kept, too.
    const failedFirst = head.status === "cancelled" && head.error?.code !== "cancelled";
    if (head.endedAtMs !== null && whole.length !== wanted && !(failedFirst && whole.length === 1))
      faults.push(`I16 run ${run} has ${head.status}, and ${whole.length} dead letters`);
    const items = letters.filter(({ queue }) => queue === "chaos-items");
    if (head.flow === "tolerant" && head.status === "succeeded" && items.length !== 3)
      faults.push(`I16 run ${run} had 3 items that failed, and ${items.length} dead letters`);
    if (letters.some(({ errors }) => errors.length === 0))
      faults.push(`I16 a dead letter of run ${run} has no error`);
  }
  return faults;
};

function checkEnding({ run, script, cancelledAtMs }: StartedRun, record: RunRecord): string[] {
  const { head, events } = record;
  if (head.endedAtMs === null || head.status === "cancelled") {
    if (head.status === "cancelled" && !events.some(({ kind }) => kind === "run.cancel-requested"))
      return [`I13 run ${run} is cancelled, and nobody asked for it`];
    return head.status === "cancelled" && cancelledAtMs === null && !asked(events)
      ? [`I13 run ${run} (${script.flow}) was cancelled without a request`]
      : [];
  }
  const interrupted = events.some(({ kind }) => kind === "run.interrupted");
  const excused =
    script.ends === "interrupted" && interrupted && head.error?.code === "interrupted";
  const wanted = script.ends === "fails" ? "failed" : "succeeded";
  if (head.status === "failed" && excused) return [];
  const { code } = script;
  if (head.status === wanted && (code === undefined || head.error?.code === code)) return [];
  return [
    `I18 run ${run} (${script.flow}) has ${head.status} instead of ${wanted}: ${head.error?.code} ${head.error?.message}`,
  ];
}

/** The answer to a cancellation may have been lost. */
function asked(events: RunRecord["events"]): boolean {
  return events.some((event) => event.kind === "run.cancel-requested" && event.reason === "chaos");
}
