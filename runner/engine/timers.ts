import type { TimerKind } from "../../plan/history.ts";
import type { Timer } from "./nodes.ts";

/** Earliest first, in logarithmic time; timers that were called off are dropped when they come up. */
export class TimerQueue {
  readonly heap: Timer[] = [];
  /** By kind and path. */
  readonly active = new Map<string, Timer>();

  set(timer: Timer): void {
    this.active.set(timerKey(timer.kind, timer.path), timer);
    this.heap.push(timer);
    this.up(this.heap.length - 1);
  }

  callOff(timer: Timer): void {
    timer.off = true;
    const key = timerKey(timer.kind, timer.path);
    if (this.active.get(key) === timer) this.active.delete(key);
    if (this.heap.length > 64 && this.heap.length > 4 * this.active.size) this.compact();
  }

  find(kind: TimerKind, path: string): Timer | undefined {
    return this.active.get(timerKey(kind, path));
  }

  earliest(): Timer | null {
    for (;;) {
      const top = this.heap[0];
      if (top === undefined) return null;
      if (!top.off) return top;
      this.removeTop();
    }
  }

  removeTop(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    this.down(0);
  }

  /** Time-outs are mostly called off long before they are due: without this they would pile up. */
  compact(): void {
    const live = this.heap.filter((timer) => !timer.off);
    this.heap.length = 0;
    for (const timer of live) {
      this.heap.push(timer);
      this.up(this.heap.length - 1);
    }
  }

  up(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.swapIfEarlier(at, parent)) return;
      at = parent;
    }
  }

  down(from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let smallest = left;
      if (left >= this.heap.length) return;
      if (right < this.heap.length && this.isEarlier(right, left)) smallest = right;
      if (!this.swapIfEarlier(smallest, at)) return;
      at = smallest;
    }
  }

  swapIfEarlier(at: number, other: number): boolean {
    if (!this.isEarlier(at, other)) return false;
    const moved = this.heap[at] as Timer;
    this.heap[at] = this.heap[other] as Timer;
    this.heap[other] = moved;
    return true;
  }

  isEarlier(at: number, other: number): boolean {
    const left = this.heap[at] as Timer;
    const right = this.heap[other] as Timer;
    return left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.order < right.order);
  }
}

function timerKey(kind: TimerKind, path: string): string {
  return `${kind} ${path}`;
}
