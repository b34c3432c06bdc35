import type { Clock } from "./ports/clock.ts";
import type { Random } from "./ports/random.ts";
import type { Store } from "./ports/store.ts";
import type { Telemetry } from "./ports/telemetry.ts";
import type { Transport } from "./ports/transport.ts";
import { inProcessTransport } from "./queue/in-process-transport.ts";
import { defaultConcurrency } from "./queue/redis-settings.ts";
import type { TransportSettings } from "./runner-options.ts";

/**
 * The transport that was asked for. What it needs is loaded only then, because a run on a laptop should not wait for it.
 *
 * @throws TransportError when the server it needs does not suit.
 */
export async function openTransport(
  settings: TransportSettings | Transport,
  ground: {
    readonly store: Store;
    readonly clock: Clock;
    readonly random: Random;
    readonly telemetry: Telemetry;
    /** Of this process. */
    readonly name: string;
  },
): Promise<Transport> {
  const { store, clock, random, telemetry } = ground;
  if (!("kind" in settings)) return settings;
  switch (settings.kind) {
    case "in-process":
      return inProcessTransport();
    case "polling": {
      const { PollingTransport } = await import("./queue/polling-transport.ts");
      const { concurrency = defaultConcurrency } = settings;
      const onFault = (error: unknown): void => {
        const message = error instanceof Error ? error.message : String(error);
        telemetry.log({ level: "error", message });
      };
      return new PollingTransport({ store, clock, random, places: () => concurrency, onFault });
    }
    case "redis": {
      const { BullmqTransport } = await import("./queue/bullmq-transport.ts");
      return BullmqTransport.open({ settings, ...ground });
    }
  }
}
