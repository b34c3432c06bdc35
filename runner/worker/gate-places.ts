import type { Activity } from "../engine/activity.ts";
import type { ReadyLeaf, RunMachine } from "../engine/machine.ts";
import type { Gate } from "../policy/gate.ts";
import { passThrough, type Passage } from "./limits.ts";

/** Of one callee, so many wait at gates at once; when there are fewer than that, others follow. */
const crowd = { most: 256, fewest: 128 };

interface GatePlacesOptions {
  readonly machine: Pick<
    RunMachine,
    "ready" | "readyAdded" | "readyLeaf" | "readyActivity" | "readyModel"
  >;
  readonly gatesFor: (activity: Activity) => readonly Gate[];
  /** Something may begin now. */
  readonly onPassed: () => void;
}

/**
 * Who waits at the gates of limits, of one run. A run may have a hundred thousand calls that may begin, of which a limit lets ten through. So those
 * behind the first few hundred of a callee have no place at the gate, and are not looked at again before the others have passed.
 */
export class GatePlaces {
  private readonly options: GatePlacesOptions;
  private readonly passages = new Map<string, Passage>();
  /** Of this look at what may begin, and of the last one at everything. */
  private waiters: Waiters;
  private all: { waiters: Waiters; readyAdded: number };
  private passed: readonly Activity[] | null = null;

  constructor(options: GatePlacesOptions) {
    this.options = options;
    this.waiters = this.nobody();
    this.all = { waiters: this.nobody(), readyAdded: -1 };
  }

  get isEmpty(): boolean {
    return this.passages.size === 0;
  }

  get(path: string): Passage | undefined {
    return this.passages.get(path);
  }

  /** Begins a look at what may begin. */
  look(): void {
    this.waiters = this.nobody();
    this.passed = this.onlyPassed();
  }

  /** Of what may begin and does not wait, the next few; none when all were seen. */
  next(limit: number): readonly Activity[] {
    const { passed } = this;
    const { machine } = this.options;
    // What follows from those that have passed, such as a refusal by a circuit breaker, may begin as well.
    const isAll =
      passed === null || (passed.length === 0 && machine.readyAdded !== this.all.readyAdded);
    this.passed = isAll ? null : [];
    return isAll ? machine.ready(limit, this.isHeld) : passed;
  }

  /** Whether it may begin; else it waits at its gates. */
  mayPass(activity: Activity): boolean {
    const { path, kind, callee } = activity;
    const passage = this.passages.get(path) ?? this.enter(activity);
    if (passage === null || passage.passed) return true;
    this.waiters.add({ path, activity: kind, callee });
    return false;
  }

  /** All that may begin was looked at: activities that are not wanted any more stop waiting, unless they have begun. */
  finish(hasBegun: (path: string) => boolean): void {
    if (this.passed === null)
      this.all = { waiters: this.waiters, readyAdded: this.options.machine.readyAdded };
    this.dropExcept((path) => this.waiters.has(path) || hasBegun(path));
  }

  /** Who waits has begun nothing: others can wait there. */
  dropExcept(isKept: (path: string) => boolean): void {
    for (const path of this.passages.keys()) if (!isKept(path)) this.leave(path);
    if (this.passages.size === 0) this.all.readyAdded = -1;
  }

  leave(path: string): void {
    const passage = this.passages.get(path);
    // Forgotten first: leaving lets somebody else through, who may look here again at once.
    this.passages.delete(path);
    passage?.leave();
  }

  leaveAll(): void {
    const passages = [...this.passages.values()];
    this.passages.clear();
    for (const passage of passages) passage.leave();
  }

  private nobody(): Waiters {
    return new Waiters((path) => this.options.machine.readyModel(path));
  }

  private enter(activity: Activity): Passage | null {
    const gates = this.options.gatesFor(activity);
    if (gates.length === 0) return null;
    const passage = passThrough(gates, this.options.onPassed);
    this.passages.set(activity.path, passage);
    return passage;
  }

  /** Waits at a gate, as it was found before, or would have to wait behind many others. */
  private readonly isHeld = (leaf: ReadyLeaf): boolean => {
    const passage = this.passages.get(leaf.path);
    if (passage === undefined) return this.waiters.isFull(leaf);
    if (!passage.passed) this.waiters.add(leaf);
    return !passage.passed;
  };

  /** Those that have passed, when nothing else can begin because nothing was added behind a crowd. Null: all have to be looked at. */
  private onlyPassed(): readonly Activity[] | null {
    const { machine } = this.options;
    const { waiters, readyAdded } = this.all;
    if (!waiters.isCrowded || readyAdded !== machine.readyAdded) return null;
    const passed: Activity[] = [];
    for (const [path, passage] of this.passages) {
      const leaf = machine.readyLeaf(path);
      if (leaf === null) continue;
      if (passage.passed) passed.push(machine.readyActivity(path));
      else this.waiters.add(leaf);
    }
    if (this.waiters.areAsMany(waiters)) return passed;
    this.waiters = this.nobody();
    return null;
  }
}

/** Waiting activities, and how many there are of each callee; of an agent, for each model, because each has a limit of its own. */
class Waiters {
  private readonly modelOf: (path: string) => string | null;
  private readonly paths = new Set<string>();
  private readonly counts = new Map<string, Map<string, number>>();

  constructor(modelOf: (path: string) => string | null) {
    this.modelOf = modelOf;
  }

  add(leaf: ReadyLeaf): void {
    const { path, activity } = leaf;
    if (this.paths.has(path)) return;
    this.paths.add(path);
    const ofKind = this.counts.get(activity) ?? new Map<string, number>();
    this.counts.set(activity, ofKind);
    const name = this.nameOf(leaf);
    ofKind.set(name, (ofKind.get(name) ?? 0) + 1);
  }

  has(path: string): boolean {
    return this.paths.has(path);
  }

  isFull(leaf: ReadyLeaf): boolean {
    // As long as few wait at all, nobody needs to know for what.
    return this.isCrowded && this.countOf(leaf.activity, this.nameOf(leaf)) >= crowd.most;
  }

  private nameOf({ path, activity, callee }: ReadyLeaf): string {
    return activity === "model" ? `${callee} ${this.modelOf(path) ?? ""}` : callee;
  }

  get isCrowded(): boolean {
    return this.paths.size >= crowd.most;
  }

  /** Whether there are still enough of each callee that others may wait behind. */
  areAsMany(before: Waiters): boolean {
    for (const [activity, counts] of before.counts)
      for (const [name, count] of counts)
        if (count >= crowd.most && this.countOf(activity, name) < crowd.fewest) return false;
    return true;
  }

  private countOf(activity: string, name: string): number {
    return this.counts.get(activity)?.get(name) ?? 0;
  }
}
