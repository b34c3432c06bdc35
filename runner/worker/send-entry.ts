import type { Clock } from "../ports/clock.ts";
import { StoreError } from "../ports/store-error.ts";
import type { AppendEntry, AppendResult, Store } from "../ports/store.ts";

const retryDelaysMs = [10, 50, 250, 1_000, 2_000];

export interface Sender {
  readonly store: Pick<Store, "append" | "head">;
  readonly clock: Pick<Clock, "after">;
  /** Nobody waits for the answer any more. */
  isOver(): boolean;
  /** Renews the lease under which the entry is written. */
  renew(): Promise<void>;
}

/** Appends, and finds out what became of an append that neither succeeded nor was refused. */
export function sendEntry(entry: AppendEntry, sender: Sender): Promise<AppendResult> {
  const first = sender.store.append(entry);
  return first.then(
    (result) => (result.kind === "ok" ? result : sendUntilClear(entry, sender, first)),
    () => sendUntilClear(entry, sender, first),
  );
}

async function sendUntilClear(
  entry: AppendEntry,
  sender: Sender,
  first: Promise<AppendResult>,
): Promise<AppendResult> {
  const { store, clock } = sender;
  const last = entry.events.at(-1)?.seq;
  let renewed = false;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const result = await (attempt === 0 ? first : store.append(entry));
      // A lease that has run out and was not taken by anybody since is as good as before once it is renewed.
      if (result.kind === "fenced" && !renewed && !sender.isOver()) {
        await sender.renew();
        renewed = true;
        continue;
      }
      // Nobody else writes in this epoch: an earlier try has arrived late.
      if (result.kind === "conflict" && attempt > 0 && result.seq === last)
        return { kind: "ok", delivered: [] };
      return result;
    } catch (error) {
      const delayMs = retryDelaysMs[attempt];
      if (delayMs === undefined || sender.isOver()) throw error;
      await new Promise<void>((resolve) => clock.after(delayMs, resolve));
      const head = await store.head(entry.run).catch(() => null);
      if (head !== null && last !== undefined && head.seq === last && head.epoch === entry.epoch)
        return { kind: "ok", delivered: [] };
    }
  }
}

/** Undefined while the store is out of reach: what is under way goes on, and the next look asks again. */
export async function ifReached<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof StoreError && error.kind === "unreachable") return undefined;
    throw error;
  }
}
