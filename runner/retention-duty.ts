import type { Clock } from "./ports/clock.ts";
import type { Duty } from "./ports/duty.ts";
import type { Store } from "./ports/store.ts";
import type { Telemetry } from "./ports/telemetry.ts";

/** How long what has ended is kept, in milliseconds; null keeps it for ever. */
export interface Retention {
  readonly runsMs: number | null;
  /** Records of what became of ticks. */
  readonly ticksMs: number | null;
  /** Published events that every trigger has seen. */
  readonly eventsMs: number | null;
  /** Files that nothing mentions, since they were stored; an hour at least, because whoever has stored one is about to use it. */
  readonly filesMs: number | null;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export const defaultRetention: Retention = {
  runsMs: 30 * dayMs,
  ticksMs: 90 * dayMs,
  eventsMs: 7 * dayMs,
  filesMs: 7 * dayMs,
};

const everyMs = 60_000;
/** Rows of each kind taken away in one go: few enough that nobody waits for it. */
const pageSize = 100;
/** Of what purged runs have left, which the store removes in parts of its own. */
const rowsAtOnce = 1_000;
/** The rest between two goes, in how long one took, so that the work of the hour has most of the store; and in milliseconds, at least. */
const restsPerGo = 4;
const restMs = 50;

/** Takes away what is older than it is kept. */
export function retentionDuty(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly retention: Retention;
}): Duty {
  const { store, clock, telemetry, retention } = parts;
  const { runsMs, ticksMs, eventsMs, filesMs } = retention;

  async function turn(): Promise<number | null> {
    const beganMs = clock.monotonic();
    const nowMs = clock.now();
    const limit = pageSize;
    const gone = [
      runsMs === null
        ? 0
        : await store.retention.purgeRuns({ endedBeforeMs: nowMs - runsMs, limit }),
      ticksMs === null ? 0 : await store.retention.purgeTicks({ beforeMs: nowMs - ticksMs, limit }),
      eventsMs === null ? 0 : await store.log.trim({ beforeMs: nowMs - eventsMs, limit }),
      await store.retention.sweepPayloads({
        limit,
        ...(filesMs === null ? {} : { filesBeforeMs: nowMs - Math.max(filesMs, hourMs) }),
      }),
    ];
    const cleared = await store.retention.clearPurged({ limit: rowsAtOnce });
    const isDone = cleared < rowsAtOnce && gone.every((count) => count < limit);
    if (isDone) return null;
    return clock.now() + Math.max(restMs, restsPerGo * (clock.monotonic() - beganMs));
  }

  return {
    name: "retention",
    everyMs,
    async turn() {
      try {
        return await turn();
      } catch (error) {
        telemetry.log({ level: "error", message: `retention: ${String(error)}` });
        return null;
      }
    },
  };
}
