import type { Slot } from "../ports/new-run.ts";

interface Line {
  readonly limit: number;
  readonly holders: Set<string>;
  /** Runs that queue, first come first. */
  readonly queue: string[];
}

/** Who may run under which key. Keys nobody holds or queues for are forgotten. */
export class MemorySlots {
  readonly lines = new Map<string, Line>();
  readonly waiting = new Map<string, readonly Slot[]>();

  isWaiting(run: string): boolean {
    return this.waiting.has(run);
  }

  mayTake(run: string): boolean {
    return this.areFree(run, this.waiting.get(run) ?? []);
  }

  /** All or none; who gets none queues behind those that do already. */
  take(run: string, slots: readonly Slot[]): boolean {
    if (!this.areFree(run, slots)) {
      this.queue(run, slots);
      return false;
    }
    this.leaveQueues(run);
    for (const { key, limit } of slots) this.line(key, limit).holders.add(run);
    return true;
  }

  queue(run: string, slots: readonly Slot[]): void {
    this.waiting.set(run, slots);
    for (const { key, limit } of slots) {
      const line = this.line(key, limit);
      if (!line.queue.includes(run)) line.queue.push(run);
    }
  }

  /** Those that hold the slot or queue for it. */
  users(key: string): readonly string[] {
    const line = this.lines.get(key);
    return line === undefined ? [] : [...line.holders, ...line.queue];
  }

  free(run: string): void {
    this.leaveQueues(run);
    for (const [key, line] of this.lines) {
      line.holders.delete(run);
      if (line.holders.size === 0 && line.queue.length === 0) this.lines.delete(key);
    }
  }

  areFree(run: string, slots: readonly Slot[]): boolean {
    return slots.every(({ key, limit }) => {
      const line = this.lines.get(key);
      if (line === undefined || line.holders.has(run)) return true;
      const [first] = line.queue;
      return line.holders.size < limit && (first === undefined || first === run);
    });
  }

  leaveQueues(run: string): void {
    for (const { key } of this.waiting.get(run) ?? []) {
      const queue = this.lines.get(key)?.queue;
      const at = queue?.indexOf(run) ?? -1;
      if (at >= 0) queue?.splice(at, 1);
    }
    this.waiting.delete(run);
  }

  line(key: string, limit: number): Line {
    const known = this.lines.get(key);
    if (known !== undefined) return known;
    const line: Line = { limit, holders: new Set(), queue: [] };
    this.lines.set(key, line);
    return line;
  }
}
