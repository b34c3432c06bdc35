import type { Clock } from "../../runner/ports/clock.ts";
import type { Store } from "../../runner/ports/store.ts";
import type { Transport } from "../../runner/ports/transport.ts";
import type { Random } from "./random.ts";

interface Member {
  isAlive(): boolean;
  listener: ((run: string) => Promise<boolean> | void) | null;
  hint: ((run: string) => void) | null;
}

const reconcileMs = 2_000;

/**
 * Hands runs out to processes like jobs of a queue, only worse: a notice may get lost, come twice, or come after later ones. Now and
 * then somebody looks for what is ready and was handed to nobody.
 */
export class LossyTransport {
  readonly parts: {
    readonly clock: Clock;
    readonly random: Random;
    readonly store: Pick<Store, "runnable">;
  };
  readonly members = new Set<Member>();
  lost = 0;
  doubled = 0;

  constructor(parts: LossyTransport["parts"]) {
    this.parts = parts;
    this.reconcile();
  }

  /** The end of one process. */
  join(isAlive: () => boolean): Transport {
    const member: Member = { isAlive, listener: null, hint: null };
    this.members.add(member);
    return {
      handsOut: true,
      notify: (run) => this.notify(run),
      receive: (listener) => {
        member.listener = listener;
        return () => {
          member.listener = null;
        };
      },
      nudge: () => void this.handOutReady(),
      cancelHint: (run) => this.later(() => this.each((other) => other.hint?.(run))),
      receiveCancelHints: (listener) => {
        member.hint = listener;
        return () => {
          member.hint = null;
        };
      },
      drain: () => Promise.resolve(),
      health: () => ({
        ok: true,
        mode: "redis",
        connected: true,
        queued: 0,
        waiting: null,
        room: null,
        active: 0,
        lastReceivedAtMs: null,
        problem: null,
        pools: [],
      }),
      close: () => {
        this.members.delete(member);
        return Promise.resolve();
      },
    };
  }

  private notify(run: string): void {
    const { random } = this.parts;
    if (random.chance(0.2)) {
      this.lost += 1;
      return;
    }
    const times = random.chance(0.2) ? 2 : 1;
    this.doubled += times - 1;
    for (let time = 0; time < times; time += 1) this.later(() => this.handOut(run));
  }

  private handOut(run: string): void {
    const able = [...this.members].filter((member) => member.listener !== null && member.isAlive());
    if (able.length > 0) void this.parts.random.pick(able).listener?.(run);
  }

  private each(work: (member: Member) => void): void {
    for (const member of this.members) if (member.isAlive()) work(member);
  }

  private later(work: () => void): void {
    const { clock, random } = this.parts;
    clock.after(random.below(random.chance(0.1) ? 2_000 : 50), work);
  }

  private reconcile(): void {
    this.parts.clock.after(reconcileMs, () => {
      void this.handOutReady();
      this.reconcile();
    });
  }

  private async handOutReady(): Promise<void> {
    const { clock, store } = this.parts;
    for (const run of await store.runnable({ nowMs: clock.now(), limit: 100 }))
      this.later(() => this.handOut(run));
  }
}
