import type { Clock } from "../ports/clock.ts";
import type { PermitStore, SharedLimit } from "../ports/permit-store.ts";
import type { Gate } from "./gate.ts";

/** While others hold all places, it is looked again after so long, longer each time. In milliseconds. */
const retryMs = { from: 50, to: 1_000 };
/** A place that could not be given back is given back later: until its process ends nobody else would get it. In milliseconds. */
const returnMs = 1_000;
const maxReturns = 1_000;

interface Caller {
  readonly holder: string;
  readonly session: string;
  readonly limits: readonly SharedLimit[];
  readonly permits: PermitStore;
  readonly clock: Clock;
  /** The store could not be asked; it is asked again. */
  readonly onFault: (error: unknown) => void;
}

/**
 * The way of one caller through limits that all processes share. Who waits in this process waits at its own gates before, so
 * at most as many look into the store as there are places.
 */
export function sharedGate(caller: Caller): Gate {
  const { holder, session, limits, permits, clock, onFault } = caller;
  let state: "outside" | "waiting" | "inside" = "outside";
  let stopTimer: (() => void) | undefined;
  let delayMs = retryMs.from;
  /** Nobody knows whether the last question was granted. */
  let unsure = false;

  async function ask(go: () => void): Promise<void> {
    let afterMs: number | null = null;
    try {
      const answer = await permits.take({ holder, session, limits });
      unsure = false;
      if (answer.granted) {
        if (state === "waiting") {
          state = "inside";
          go();
        } else void giveBack(caller);
        return;
      }
      ({ afterMs } = answer);
    } catch (error) {
      onFault(error);
      unsure = true;
      if (state === "outside") void giveBack(caller);
    }
    if (state !== "waiting") return;
    stopTimer = clock.after(afterMs ?? delayMs, () => void ask(go));
    if (afterMs === null) delayMs = Math.min(retryMs.to, delayMs * 2);
  }

  return {
    enter(go) {
      state = "waiting";
      void ask(go);
      return () => {
        stopTimer?.();
        if (state !== "waiting") return;
        state = "outside";
        if (unsure) void giveBack(caller);
      };
    },
    leave() {
      state = "outside";
      void giveBack(caller);
    },
    get waiting() {
      return state === "waiting" ? 1 : 0;
    },
    get inside() {
      return state === "inside" ? 1 : 0;
    },
  };
}

async function giveBack({ holder, permits, clock, onFault }: Caller): Promise<void> {
  for (let tries = 0; tries < maxReturns; tries += 1) {
    try {
      await permits.giveBack([holder]);
      return;
    } catch (error) {
      if (tries === 0) onFault(error);
      await new Promise<void>((resolve) => clock.after(returnMs, resolve));
    }
  }
}
