import { StoreError } from "../../runner/ports/store-error.ts";
import type { Store } from "../../runner/ports/store.ts";
import type { Fate } from "./sim-process.ts";

/** All that changes something, of the store and of its parts. */
const writes: ReadonlySet<string> = new Set([
  "createRun",
  "append",
  "admit",
  "takeSlots",
  "claim",
  "release",
  "beat",
  "endSession",
  "deliver",
  "publish",
  "putPlan",
  "deployments.put",
  "deployments.remove",
  "schedules.put",
  "schedules.remove",
  "schedules.pause",
  "schedules.fire",
  "log.consume",
  "log.subscribe",
  "log.rename",
  "log.unsubscribe",
  "permits.take",
  "permits.reserve",
  "permits.giveBack",
  "retention.purgeRuns",
  "retention.clearPurged",
  "election.acquire",
  "election.renew",
  "election.resign",
]);

const parts: ReadonlySet<string> = new Set([
  "schedules",
  "deployments",
  "log",
  "permits",
  "holds",
  "retention",
  "ledger",
  "election",
]);

export interface FaultyOptions {
  /** Decides about each write, such as `append` or `log.consume`. */
  readonly fate: (write: string) => Fate;
  readonly isAlive: () => boolean;
  readonly die: () => void;
  /** Resolves when the process does not stand still. */
  readonly awake: () => Promise<void>;
}

/** The store as a process sees it whose connection fails it: each call passes through here; the dead never get an answer. */
export function faultyStore(store: Store, options: FaultyOptions): Store {
  return wrap(store, "", options);
}

function wrap<T extends object>(target: T, prefix: string, options: FaultyOptions): T {
  const { fate, isAlive, die, awake } = options;
  return new Proxy(target, {
    get(_target, property) {
      const value = Reflect.get(target, property) as unknown;
      const name = prefix + String(property);
      if (parts.has(name) && typeof value === "object" && value !== null)
        return wrap(value, `${name}.`, options);
      if (typeof value !== "function") return value;
      return async (...args: unknown[]): Promise<unknown> => {
        if (!isAlive()) return never();
        await awake();
        const chosen = writes.has(name) ? fate(name) : "ok";
        if (chosen === "crash-before") die();
        if (chosen === "timeout-before") throw new StoreError("unreachable", `${name} timed out`);
        if (!isAlive()) return never();
        const result: unknown = await Reflect.apply(value, target, args);
        if (chosen === "crash-after") die();
        if (chosen === "timeout-after") throw new StoreError("unreachable", `${name} timed out`);
        await awake();
        return isAlive() ? result : never();
      };
    },
  });
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
