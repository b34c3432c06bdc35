import type {
  PermitAnswer,
  PermitRequest,
  PermitStore,
  SharedLimit,
} from "../ports/permit-store.ts";

interface Gate {
  /** Sessions by holder. */
  readonly holders: Map<string, string>;
  /** When it was taken, in the order of time. */
  taken: number[];
}

/** Shared limits of a store in memory. */
export class MemoryPermits implements PermitStore {
  readonly now: () => number;
  readonly isAlive: (session: string) => boolean;
  readonly gates = new Map<string, Gate>();

  constructor(parts: {
    readonly now: () => number;
    readonly isAlive: (session: string) => boolean;
  }) {
    this.now = parts.now;
    this.isAlive = parts.isAlive;
  }

  take({ holder, session, limits, slackMs = 0 }: PermitRequest): Promise<PermitAnswer> {
    const open = limits.filter(({ key }) => this.gates.get(key)?.holders.has(holder) !== true);
    if (open.some((limit) => this.isFull(limit)))
      return Promise.resolve({ granted: false, afterMs: null });
    const afterMs = Math.max(0, ...open.map((limit) => this.waitMs(limit)));
    if (afterMs > 0) return Promise.resolve({ granted: false, afterMs });
    for (const { key, rate } of open) {
      const gate = this.gate(key);
      gate.holders.set(holder, session);
      if (rate !== null) this.use(gate, this.now() + slackMs);
    }
    return Promise.resolve({ granted: true });
  }

  reserve(key: string, rate: NonNullable<SharedLimit["rate"]>): Promise<number> {
    const atMs = this.nextAt(key, rate, this.now());
    this.use(this.gate(key), atMs);
    return Promise.resolve(atMs);
  }

  giveBack(holders: readonly string[]): Promise<void> {
    for (const gate of this.gates.values())
      for (const holder of holders) gate.holders.delete(holder);
    return Promise.resolve();
  }

  use(gate: Gate, atMs: number): void {
    gate.taken.push(atMs);
    gate.taken.sort((left, right) => left - right);
  }

  isFull({ key, atOnce }: SharedLimit): boolean {
    if (atOnce === null) return false;
    const { holders } = this.gate(key);
    for (const [holder, session] of holders) if (!this.isAlive(session)) holders.delete(holder);
    return holders.size >= atOnce;
  }

  waitMs({ key, rate }: SharedLimit): number {
    const nowMs = this.now();
    return rate === null ? 0 : this.nextAt(key, rate, nowMs) - nowMs;
  }

  /** When it may be used next: now or later. */
  nextAt(key: string, { count, perMs }: NonNullable<SharedLimit["rate"]>, nowMs: number): number {
    const gate = this.gate(key);
    gate.taken = gate.taken.filter((atMs) => atMs > nowMs - perMs);
    const { taken } = gate;
    // The window that would be overfull begins with the one that is `count` back.
    const first = taken[taken.length - count];
    return first === undefined ? nowMs : Math.max(nowMs, first + perMs);
  }

  gate(key: string): Gate {
    const known = this.gates.get(key) ?? { holders: new Map(), taken: [] };
    this.gates.set(key, known);
    return known;
  }
}
