import type { RunEvent } from "../plan/history.ts";
import type { Clock } from "./ports/clock.ts";
import type { Store } from "./ports/store.ts";

/** Tells of what becomes durable, whether this process wrote it or another one did. */
export interface RunWatch {
  /** Events that this process has appended. */
  appended(run: string, events: readonly RunEvent[]): void;
  /** The run has ended, or stands for a while. */
  changed(run: string): void;
  follow(run: string, listener: (events: readonly RunEvent[]) => void): () => void;
  /** Resolves when the run stands, has ended or may have, and after a while in any case. */
  change(run: string, signal?: AbortSignal): Promise<void>;
  close(): void;
}

/** How often the doings of other processes are looked for. */
const pollMs = 250;

interface Follower {
  seq: number;
  reading: boolean;
  readonly listener: (events: readonly RunEvent[]) => void;
  stop: () => void;
}

export function createRunWatch(options: {
  readonly store: Pick<Store, "events">;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
}): RunWatch {
  const { store, clock } = options;
  const followers = new Map<string, Set<Follower>>();
  const waiting = new Map<string, Set<() => void>>();

  function wake(run: string): void {
    const resolves = waiting.get(run);
    waiting.delete(run);
    for (const resolve of resolves ?? []) resolve();
  }

  /** Reads from the store instead of passing events on, so that no listener misses or doubles one. */
  async function catchUp(run: string, follower: Follower): Promise<void> {
    if (follower.reading) return;
    follower.reading = true;
    try {
      const events = await store.events(run, { afterSeq: follower.seq });
      const last = events.at(-1);
      if (last === undefined) return;
      follower.seq = last.seq;
      follower.listener(events);
    } catch (error) {
      options.onFault(error);
    } finally {
      follower.reading = false;
    }
  }

  return {
    appended(run, events) {
      for (const follower of followers.get(run) ?? []) {
        const first = events[0];
        const last = events.at(-1);
        if (first === undefined || last === undefined) continue;
        if (first.seq === follower.seq + 1 && !follower.reading) {
          follower.seq = last.seq;
          follower.listener(events);
        } else void catchUp(run, follower);
      }
    },
    changed: wake,
    follow(run, listener) {
      const follower: Follower = { seq: 0, reading: false, listener, stop: () => {} };
      const all = followers.get(run) ?? new Set();
      followers.set(run, all);
      all.add(follower);
      const tick = (): void => {
        void catchUp(run, follower);
        follower.stop = clock.after(pollMs, tick);
      };
      tick();
      return () => {
        follower.stop();
        all.delete(follower);
        if (all.size === 0) followers.delete(run);
      };
    },
    change(run, signal) {
      return new Promise((resolve) => {
        const all = waiting.get(run) ?? new Set();
        waiting.set(run, all);
        const done = (): void => {
          stop();
          all.delete(done);
          signal?.removeEventListener("abort", done);
          resolve();
        };
        const stop = clock.after(pollMs, done);
        all.add(done);
        signal?.addEventListener("abort", done, { once: true });
      });
    },
    close() {
      for (const all of followers.values()) for (const follower of all) follower.stop();
      followers.clear();
      for (const run of [...waiting.keys()]) wake(run);
    },
  };
}
