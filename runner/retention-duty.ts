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
}

const dayMs = 86_400_000;

export const defaultRetention: Retention = {
  runsMs: 30 * dayMs,
  ticksMs: 90 * dayMs,
  eventsMs: 7 * dayMs,
};

const everyMs = 60_000;
/** Rows of each kind taken away in one go, and the rest in between: small enough that nobody waits for it. */
const pageSize = 100;
const restMs = 250;

/** Takes away what is older than it is kept. */
export function retentionDuty(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly retention: Retention;
}): Duty {
  const { store, clock, telemetry, retention } = parts;
  const { runsMs, ticksMs, eventsMs } = retention;

  async function turn(): Promise<number | null> {
    const nowMs = clock.now();
    const limit = pageSize;
    const gone = [
      runsMs === null
        ? 0
        : await store.retention.purgeRuns({ endedBeforeMs: nowMs - runsMs, limit }),
      ticksMs === null ? 0 : await store.retention.purgeTicks({ beforeMs: nowMs - ticksMs, limit }),
      eventsMs === null ? 0 : await store.log.trim({ beforeMs: nowMs - eventsMs, limit }),
      await store.retention.sweepPayloads({ limit }),
    ];
    return gone.some((count) => count >= limit) ? clock.now() + restMs : null;
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
