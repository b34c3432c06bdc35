import { targetOf, type Fault } from "./faults.ts";
import { inject, type Target } from "./inject.ts";

/** What became of a fault. Times are milliseconds since 1970. */
export interface FaultRecord {
  readonly fault: Fault;
  readonly beganAtMs: number;
  readonly endedAtMs: number;
}

/**
 * Does the faults at their times; those of one target one after the other, because a server that is away can't be restarted. Resolves
 * when all harm is taken back.
 *
 * @throws Error when a fault could not be done.
 */
export async function runFaults(
  faults: readonly Fault[],
  target: Target,
  on: {
    readonly began: (fault: Fault) => void;
    readonly ended: (record: FaultRecord) => void;
  },
): Promise<void> {
  const startMs = Date.now();
  const lanes = new Map<string, Promise<void>>();
  for (const fault of faults) {
    const waitMs = startMs + fault.atMs - Date.now();
    if (waitMs > 0)
      await new Promise((resolve) => {
        setTimeout(resolve, waitMs);
      });
    const run = async (): Promise<void> => {
      const beganAtMs = Date.now();
      on.began(fault);
      await inject(fault, target);
      on.ended({ fault, beganAtMs, endedAtMs: Date.now() });
    };
    const lane = lanesOf(fault, target);
    const before = Promise.all(lane.map((name) => lanes.get(name) ?? Promise.resolve()));
    const mine = before.then(run);
    // Reported below, when all are waited for.
    mine.catch(() => {});
    for (const name of lane) lanes.set(name, mine);
  }
  await Promise.all(lanes.values());
}

/** A rolling restart concerns all workers. */
function lanesOf(fault: Fault, { workers }: Target): string[] {
  if (fault.kind !== "rolling-restart") return [targetOf(fault)];
  return Array.from({ length: workers.count }, (_, index) => `worker ${index}`);
}
