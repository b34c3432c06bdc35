import type { Clock } from "../ports/clock.ts";
import { patiently } from "../ports/patiently.ts";
import type { StepContext } from "./step-context.ts";

/**
 * The store for what a run asks of it between its steps, such as its turn: while it is away it is asked again, as for anything else that a
 * run needs of its store, instead of failing a flow that has done nothing wrong. Until `signal` says that nobody waits any more.
 */
export function patientStore(
  store: StepContext["store"],
  { clock, signal }: { readonly clock: Pick<Clock, "after">; readonly signal: AbortSignal },
): StepContext["store"] {
  const ask = <T>(question: () => Promise<T>): Promise<T> =>
    patiently(question, { clock, isOver: () => signal.aborted });
  const { permits } = store;
  return {
    recall: (key, nowMs) => ask(() => store.recall(key, nowMs)),
    readState: (state) => ask(() => store.readState(state)),
    vectors: (request) => ask(() => store.vectors(request)),
    keepVector: (vector) => ask(() => store.keepVector(vector)),
    permits: {
      take: (request) => ask(() => permits.take(request)),
      reserve: (key, rate) => ask(() => permits.reserve(key, rate)),
      giveBack: (holders) => ask(() => permits.giveBack(holders)),
    },
  };
}
