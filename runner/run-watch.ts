import type { RunEvent } from "../plan/history.ts";
import type { Clock } from "./ports/clock.ts";
import type { Store } from "./ports/store.ts";
import type { EndedRun } from "./worker/ended-run.ts";

/** How often the doings of other processes are looked for. */
const pollMs = 250;
/** Events told of at once: a history may be larger than memory. */
const eventsPerPage = 1_000;

type Listener = (events: readonly RunEvent[]) => void;

interface Follower {
  seq: number;
  reading: boolean;
  stopped: boolean;
  readonly listener: Listener;
  stop: () => void;
}

/** Tells of what becomes durable, whether this process wrote it or another one did. */
export class RunWatch {
  private readonly parts: {
    readonly store: Pick<Store, "events">;
    readonly clock: Clock;
    readonly onFault: (error: unknown) => void;
  };
  private readonly followers = new Map<string, Set<Follower>>();
  private readonly waiting = new Map<string, Set<(ended?: EndedRun) => void>>();

  constructor(parts: RunWatch["parts"]) {
    this.parts = parts;
  }

  /** Events that this process has appended. */
  appended(run: string, events: readonly RunEvent[]): void {
    const first = events[0];
    const last = events.at(-1);
    if (first === undefined || last === undefined) return;
    for (const follower of this.followers.get(run) ?? []) {
      if (first.seq === follower.seq + 1 && !follower.reading) {
        follower.seq = last.seq;
        follower.listener(events);
      } else void this.catchUp(run, follower);
    }
  }

  /** The run has ended, or stands for a while. */
  changed(run: string, ended?: EndedRun): void {
    const resolves = this.waiting.get(run);
    if (resolves === undefined) return;
    this.waiting.delete(run);
    for (const resolve of resolves) resolve(ended);
  }

  /** Calls back with all events, from the first on. Gives the way to stop. */
  follow(run: string, listener: Listener): () => void {
    const follower: Follower = { seq: 0, reading: false, stopped: false, listener, stop: () => {} };
    const all = this.followers.get(run) ?? new Set();
    this.followers.set(run, all);
    all.add(follower);
    const tick = (): void => {
      void this.catchUp(run, follower);
      follower.stop = this.parts.clock.after(pollMs, tick);
    };
    tick();
    return () => {
      follower.stopped = true;
      follower.stop();
      all.delete(follower);
      if (all.size === 0) this.followers.delete(run);
    };
  }

  /** Resolves when the run stands, has ended or may have, and after a while in any case; with its end, if that is known. */
  change(run: string, signal?: AbortSignal): Promise<EndedRun | undefined> {
    return new Promise((resolve) => {
      const all = this.waiting.get(run) ?? new Set();
      this.waiting.set(run, all);
      const giveUp = (): void => done();
      const done = (ended?: EndedRun): void => {
        stop();
        all.delete(done);
        if (all.size === 0 && this.waiting.get(run) === all) this.waiting.delete(run);
        signal?.removeEventListener("abort", giveUp);
        resolve(ended);
      };
      const stop = this.parts.clock.after(pollMs, giveUp);
      all.add(done);
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  }

  close(): void {
    for (const all of this.followers.values()) {
      for (const follower of all) {
        follower.stopped = true;
        follower.stop();
      }
    }
    this.followers.clear();
    for (const run of [...this.waiting.keys()]) this.changed(run);
  }

  /** Reads from the store instead of passing events on, so that no listener misses or doubles one. */
  private async catchUp(run: string, follower: Follower): Promise<void> {
    if (follower.reading) return;
    follower.reading = true;
    try {
      for (let isMore = true; isMore && !follower.stopped;) {
        const range = { afterSeq: follower.seq, limit: eventsPerPage };
        const events = await this.parts.store.events(run, range);
        const last = events.at(-1);
        if (last === undefined || follower.stopped) return;
        follower.seq = last.seq;
        follower.listener(events);
        isMore = events.length === eventsPerPage;
      }
    } catch (error) {
      this.parts.onFault(error);
    } finally {
      follower.reading = false;
    }
  }
}
