import type { Slot } from "../ports/new-run.ts";
import type { AppendEntry, CallSlot, InboxItem } from "../ports/store.ts";
import { slotItemId } from "./slot-item.ts";

/** A run, or a call in it; the path of a run's own is "". */
interface Member {
  readonly run: string;
  readonly path: string;
}

interface Line {
  readonly limit: number;
  readonly holders: Member[];
  /** First come first. */
  readonly queue: Member[];
}

/** Who may run under which key. Keys nobody holds or queues for are forgotten. */
export class MemorySlots {
  readonly lines = new Map<string, Line>();
  /** What runs that were not admitted yet queue for. */
  readonly waiting = new Map<string, readonly Slot[]>();
  /** Keys that calls hold or queue for, by run and path. */
  readonly calls = new Map<string, Map<string, string>>();

  /** The run itself: what its calls queue for holds up nothing else of it. */
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
    for (const { key, limit } of slots) {
      const { holders } = this.line(key, limit);
      if (!includes(holders, { run, path: "" })) holders.push({ run, path: "" });
    }
    return true;
  }

  queue(run: string, slots: readonly Slot[]): void {
    this.waiting.set(run, slots);
    for (const { key, limit } of slots) {
      const line = this.line(key, limit);
      if (!includes(line.queue, { run, path: "" })) line.queue.push({ run, path: "" });
    }
  }

  /** Those that hold the slot or queue for it. */
  users(key: string): readonly Member[] {
    const line = this.lines.get(key);
    return line === undefined ? [] : [...line.holders, ...line.queue];
  }

  join(run: string, { path, key, limit }: CallSlot): void {
    const calls = this.calls.get(run) ?? new Map<string, string>();
    this.calls.set(run, calls);
    if (calls.has(path)) return;
    calls.set(path, key);
    this.line(key, limit).queue.push({ run, path });
  }

  /** Calls join their lines and leave them. Gives the runs whose turn it is now. */
  move(
    { run, slots }: Pick<AppendEntry, "run" | "slots">,
    inbox: Map<string, InboxItem>,
  ): readonly string[] {
    for (const slot of slots?.join ?? []) this.join(run, slot);
    const left = (slots?.leave ?? []).flatMap((path) => {
      inbox.delete(slotItemId(run, path));
      return this.leave(run, path);
    });
    const next = [...new Set(left)].flatMap((line) => this.next(line));
    return [...new Set(next.map((member) => member.run))];
  }

  /** Gives the line that it stood in. */
  leave(run: string, path: string): readonly Line[] {
    const key = this.calls.get(run)?.get(path);
    if (key === undefined) return [];
    this.calls.get(run)?.delete(path);
    const line = this.lines.get(key);
    if (line === undefined) return [];
    for (const members of [line.holders, line.queue])
      remove(members, (member) => is(member, { run, path }));
    this.forget(key, line);
    return [line];
  }

  /** Gives the calls of the run their slots, as far as they are first in line; these are their paths. */
  takeCalls(run: string): readonly string[] {
    const taken: string[] = [];
    for (const key of new Set(this.calls.get(run)?.values())) {
      const line = this.lines.get(key);
      for (const member of line === undefined ? [] : this.next(line)) {
        if (member.run !== run || member.path === "") break;
        line?.queue.shift();
        line?.holders.push(member);
        taken.push(member.path);
      }
    }
    return taken;
  }

  /** Whether some call of the run is first in its line, and there is a free slot. */
  mayTakeCalls(run: string): boolean {
    return [...new Set(this.calls.get(run)?.values())].some((key) => {
      const line = this.lines.get(key);
      const [first] = line === undefined ? [] : this.next(line);
      return first?.run === run && first.path !== "";
    });
  }

  /** Whether a call of the run queues. */
  callsWait(run: string): boolean {
    return [...(this.calls.get(run) ?? [])].some(([path, key]) =>
      includes(this.lines.get(key)?.queue ?? [], { run, path }),
    );
  }

  free(run: string): void {
    this.leaveQueues(run);
    this.calls.delete(run);
    for (const [key, line] of this.lines) {
      for (const members of [line.holders, line.queue])
        remove(members, (member) => member.run === run);
      this.forget(key, line);
    }
  }

  areFree(run: string, slots: readonly Slot[]): boolean {
    return slots.every(({ key, limit }) => {
      const line = this.lines.get(key);
      if (line === undefined || includes(line.holders, { run, path: "" })) return true;
      const [first] = line.queue;
      return line.holders.length < limit && (first === undefined || is(first, { run, path: "" }));
    });
  }

  leaveQueues(run: string): void {
    for (const { key } of this.waiting.get(run) ?? [])
      remove(this.lines.get(key)?.queue ?? [], (member) => is(member, { run, path: "" }));
    this.waiting.delete(run);
  }

  /** Those for whom there are free slots. */
  next({ limit, holders, queue }: Line): readonly Member[] {
    return queue.slice(0, Math.max(0, limit - holders.length));
  }

  forget(key: string, line: Line): void {
    if (line.holders.length === 0 && line.queue.length === 0) this.lines.delete(key);
  }

  line(key: string, limit: number): Line {
    const known = this.lines.get(key);
    if (known !== undefined) return known;
    const line: Line = { limit, holders: [], queue: [] };
    this.lines.set(key, line);
    return line;
  }
}

function is(member: Member, other: Member): boolean {
  return member.run === other.run && member.path === other.path;
}

function includes(members: readonly Member[], wanted: Member): boolean {
  return members.some((member) => is(member, wanted));
}

function remove(members: Member[], isMeant: (member: Member) => boolean): void {
  for (let at = members.length - 1; at >= 0; at -= 1) {
    const member = members[at];
    if (member !== undefined && isMeant(member)) members.splice(at, 1);
  }
}
