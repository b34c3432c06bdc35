import type { Transport } from "../ports/transport.ts";

/** The transport within one process: notices are delivered in the next turn of the event loop, once per run and turn. */
export function inProcessTransport(): Transport {
  const listeners = new Set<(run: string) => Promise<boolean> | void>();
  const cancelListeners = new Set<(run: string) => void>();
  let queued = new Set<string>();
  let scheduled: Promise<void> | undefined;

  function deliver(): void {
    const runs = queued;
    queued = new Set();
    scheduled = undefined;
    for (const run of runs) for (const listener of listeners) void listener(run);
  }

  return {
    handsOut: false,
    notify(run) {
      queued.add(run);
      scheduled ??= new Promise((resolve) => {
        setImmediate(() => {
          deliver();
          resolve();
        });
      });
    },
    receive(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    // Who wants more work looks into the store.
    nudge() {},
    cancelHint(run) {
      for (const listener of cancelListeners) listener(run);
    },
    receiveCancelHints(listener) {
      cancelListeners.add(listener);
      return () => cancelListeners.delete(listener);
    },
    async drain() {
      // Delivering may cause further notices.
      while (scheduled !== undefined) await scheduled;
    },
    health: () => ({
      ok: true,
      mode: "in-process",
      connected: true,
      queued: queued.size,
      waiting: queued.size,
      room: null,
      active: 0,
      lastReceivedAtMs: null,
      problem: null,
      pools: [],
    }),
    async close() {
      listeners.clear();
      cancelListeners.clear();
    },
  };
}
