import { sha256 } from "../../base/sha256.ts";
import type { RunHead, Store } from "../../runner/ports/store.ts";
import { mended } from "./scripts.ts";

interface Seen {
  readonly epoch: number;
  readonly seq: number;
  readonly ended: boolean;
}

interface Prefix {
  readonly seq: number;
  readonly digest: string;
}

const everyMs = 1_000;
const watchedHistories = 8;

/**
 * Looks at the store each second while everything is harmed: whether every run can say why it stands still, whether epochs and
 * numbers only rise, and what histories say, to be compared at the end.
 */
export class Observer {
  readonly faults: string[] = [];
  /** Looks that got an answer. */
  looks = 0;
  readonly prefixes = new Map<string, Prefix>();
  private readonly store: Store;
  private readonly seen = new Map<string, Seen>();
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;

  constructor(store: Store) {
    this.store = store;
  }

  open(): void {
    const look = (): void => {
      // The store may be away; then there is nothing to be seen.
      this.looking = this.look().catch(() => {});
      void this.looking.then(() => {
        if (!this.stopped) this.timer = setTimeout(look, everyMs);
      });
    };
    look();
  }

  async close(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  /** One look. */
  async look(): Promise<void> {
    const unexplained = await this.store.unexplained(10);
    for (const run of unexplained) {
      const head = await this.store.head(run);
      const { flow, status, epoch, owner } = head ?? {};
      this.faults.push(
        `I9 run ${run} (${flow}) could not say why it stood still at ${new Date().toISOString()}: ${status}, epoch ${epoch}, owner ${owner}`,
      );
    }
    const heads = await this.store.list({ limit: 200 });
    for (const head of heads) this.compare(head);
    for (const { run } of heads.slice(0, watchedHistories)) await this.keepPrefix(run);
    this.looks += 1;
  }

  private compare({ run, flow, epoch, seq, endedAtMs }: RunHead): void {
    const before = this.seen.get(run);
    if (before !== undefined && epoch < before.epoch)
      this.faults.push(`I7 the epoch of run ${run} fell from ${before.epoch} to ${epoch}`);
    if (before !== undefined && seq < before.seq)
      this.faults.push(`I1 run ${run} had ${before.seq} events, and then ${seq}`);
    const mayGoOn = flow === mended.flow;
    if (before?.ended === true && !mayGoOn && (endedAtMs === null || seq !== before.seq))
      this.faults.push(`I3 run ${run} went on after its end`);
    this.seen.set(run, { epoch, seq, ended: endedAtMs !== null });
  }

  private async keepPrefix(run: string): Promise<void> {
    if (this.prefixes.has(run)) return;
    const events = await this.store.events(run, { afterSeq: 0 });
    if (events.length < 3) return;
    this.prefixes.set(run, { seq: events.length, digest: sha256(JSON.stringify(events)) });
  }
}
