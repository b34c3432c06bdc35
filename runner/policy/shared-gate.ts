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

/** Part of the window of a rate in which a call may begin after it was let through, and bounds of that. In milliseconds. */
const slack = { part: 0.05, from: 10, to: 500 };

/**
 * The way of one caller through limits that all processes share. Who waits in this process waits at its own gates before, so
 * at most as many look into the store as there are places.
 *
 * Between the answer of the store and the call lies the commit of its start. A rate holds for calls, so a use counts from the latest time at
 * which its call may begin, and a call that is later than that asks once more.
 */
export function sharedGate(caller: Caller): Gate {
  const rated = caller.limits.filter(({ rate }) => rate !== null);
  const shortest = Math.min(...rated.map(({ rate }) => rate?.perMs ?? 0));
  let slackMs =
    rated.length === 0 ? 0 : Math.max(slack.from, Math.min(slack.to, shortest * slack.part));
  let freshUntilMs = Number.POSITIVE_INFINITY;
  let asked = 1;
  let again: Way | null = null;
  const first = wayOf(caller);
  const enter = (way: Way, go: () => void): (() => void) =>
    way.enter(slackMs, (askedMs) => {
      if (rated.length > 0) freshUntilMs = askedMs + slackMs;
      go();
    });

  return {
    enter: (go) => enter(first, go),
    isFresh: () => caller.clock.monotonic() <= freshUntilMs,
    again(go) {
      again?.leave();
      asked += 1;
      // A store that is that far away needs more.
      slackMs *= 2;
      const limits = rated.map((limit) => ({ ...limit, atOnce: null }));
      again = wayOf({ ...caller, holder: `${caller.holder}~${asked}`, limits });
      return enter(again, go);
    },
    leave() {
      first.leave();
      again?.leave();
    },
    get waiting() {
      return first.state() === "waiting" ? 1 : 0;
    },
    get inside() {
      return first.state() === "inside" ? 1 : 0;
    },
  };
}

interface Way {
  /** Calls back with when it had asked for what it was granted. Gives the way to stop waiting. */
  enter(slackMs: number, go: (askedMs: number) => void): () => void;
  leave(): void;
  state(): "outside" | "waiting" | "inside";
}

function wayOf(caller: Caller): Way {
  const { holder, session, limits, permits, clock, onFault } = caller;
  let state: "outside" | "waiting" | "inside" = "outside";
  let stopTimer: (() => void) | undefined;
  let delayMs = retryMs.from;
  /** Nobody knows whether the last question was granted. */
  let unsure = false;

  async function ask(slackMs: number, go: (askedMs: number) => void): Promise<void> {
    let afterMs: number | null = null;
    const askedMs = clock.monotonic();
    try {
      const answer = await permits.take({ holder, session, limits, slackMs });
      // Granted long ago, perhaps: an answer that was lost says nothing of when.
      const sinceMs = unsure ? Number.NEGATIVE_INFINITY : askedMs;
      unsure = false;
      if (answer.granted) {
        if (state === "waiting") {
          state = "inside";
          go(sinceMs);
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
    stopTimer = clock.after(afterMs ?? delayMs, () => void ask(slackMs, go));
    if (afterMs === null) delayMs = Math.min(retryMs.to, delayMs * 2);
  }

  return {
    enter(slackMs, go) {
      state = "waiting";
      void ask(slackMs, go);
      return () => {
        stopTimer?.();
        if (state !== "waiting") return;
        state = "outside";
        if (unsure) void giveBack(caller);
      };
    },
    leave() {
      stopTimer?.();
      if (state === "inside") void giveBack(caller);
      state = "outside";
    },
    state: () => state,
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
