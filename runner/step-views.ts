import type { RunEvent, Spending } from "../plan/history.ts";
import type { StepView } from "./api.ts";
import type { Ending, LeafNode, Node, TaskNode } from "./engine/nodes.ts";
import type { Observer, RunState } from "./engine/run-state.ts";
import { toRunError } from "./run-summary.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Entry {
  readonly view: Mutable<StepView>;
  /** While it runs: where its progress stands. */
  node: TaskNode | null;
  /** As it was last listed; null when it has changed since. */
  listed: StepView | null;
}

/** Lines that are kept. Of items and rounds beyond that those go first that have succeeded. */
const maxEntries = 20_000;

/** Watches a fold and keeps one line per step instance, in the order they began. */
export class StepViews implements Observer {
  private readonly entries = new Map<string, Entry>();
  /** Paths within items and rounds that have succeeded, in that order. */
  private readonly settled = new Set<string>();
  private left = 0;
  /** What activities spent, by the number of the event that says so. */
  private readonly spent = new Map<number, { readonly path: string; readonly spent: Spending }>();
  private retriedSeqs: number[] = [];

  /** Has to know events before they are folded: what they spent belongs to the steps they move. */
  expect(events: readonly RunEvent[]): void {
    for (const event of events) {
      if (event.kind === "run.retried" && event.redo?.kind !== "undo")
        this.retriedSeqs.push(event.seq);
      if (event.kind !== "activity.succeeded" && event.kind !== "activity.failed") continue;
      if (event.spent !== undefined)
        this.spent.set(event.seq, { path: event.path, spent: event.spent });
    }
  }

  /** How many lines are not listed any more. */
  get leftOut(): number {
    return this.left;
  }

  /** What has not changed is the same object as before, so that who shows thousands of steps need not compare them. */
  list(): readonly StepView[] {
    return Array.from(this.entries.values(), listed);
  }

  stepBegan: Observer["stepBegan"] = (node, run) => {
    this.forgetFormerTry(run);
    if (node.undoes !== null || this.entries.has(node.path)) return;
    const { kind, callee } = describe(node);
    const view: Mutable<StepView> = {
      path: node.path,
      kind,
      callee,
      status: kind === "sleep" || kind === "receive" ? "waiting" : "running",
      attempt: 1,
      startedAtMs: run.nowMs,
      endedAtMs: null,
      cost: 0,
      tokensIn: 0,
      tokensOut: 0,
      error: null,
      progress: null,
    };
    this.entries.set(node.path, { view, node, listed: null });
    if (this.entries.size > maxEntries) this.makeRoom();
  };

  stepEnded: Observer["stepEnded"] = (node, ending, run) => {
    const entry = this.entries.get(node.path);
    if (entry === undefined) return;
    const view = change(entry);
    view.status = statusOf(ending);
    view.endedAtMs = run.nowMs;
    view.error = ending.kind === "failed" ? toRunError(ending.error) : null;
    view.progress = progressOf(node, true);
    view.callee ??= describe(node).callee;
    entry.node = null;
    if (ending.kind === "ok" && isRepeated(node.path)) this.settled.add(node.path);
  };

  stepRetries: Observer["stepRetries"] = (node) => {
    const entry = this.entries.get(node.path);
    if (entry !== undefined) change(entry).status = "retrying";
  };

  stepUndone: Observer["stepUndone"] = (path, ok) => {
    const entry = this.entries.get(path);
    if (entry !== undefined && ok) change(entry).status = "undone";
  };

  leafChanged: Observer["leafChanged"] = (leaf, run) => {
    const entry = this.entryOf(leaf);
    if (entry === undefined) return;
    const view = change(entry);
    this.addSpending(leaf, run, view);
    if (entry.node === null || !run.leaves.has(leaf.path)) return;
    view.callee ??= describe(entry.node).callee;
    view.attempt = Math.max(view.attempt, leaf.attempt, entry.node.attempt);
    view.status = waitKinds.has(leaf.activity) ? "waiting" : "running";
    if (run.phase === "paused") view.status = "waiting";
  };

  private makeRoom(): void {
    for (const path of this.settled) {
      if (this.entries.size <= maxEntries) return;
      this.settled.delete(path);
      if (this.entries.delete(path)) this.left += 1;
    }
  }

  private addSpending(leaf: LeafNode, run: RunState, view: Mutable<StepView>): void {
    const entry = this.spent.get(run.seq);
    if (entry === undefined || entry.path !== leaf.path || run.leaves.has(leaf.path)) return;
    this.spent.delete(run.seq);
    view.cost = Math.round((view.cost + entry.spent.cost) * 1_000_000) / 1_000_000;
    view.tokensIn += entry.spent.tokensIn;
    view.tokensOut += entry.spent.tokensOut;
  }

  /** A retried run is shown as it is now; its history keeps what was before. */
  private forgetFormerTry(run: RunState): void {
    const left = this.retriedSeqs.filter((seq) => seq > run.seq);
    if (left.length < this.retriedSeqs.length) {
      this.entries.clear();
      this.settled.clear();
      this.left = 0;
    }
    this.retriedSeqs = left;
  }

  /** The step that an activity belongs to: the nearest one around it that has a line. */
  private entryOf(leaf: LeafNode): Entry | undefined {
    for (let node: Node | null = leaf.owner; node !== null; node = node.parent) {
      const entry = node.kind === "task" ? this.entries.get(node.path) : undefined;
      if (entry !== undefined) return entry;
    }
    return undefined;
  }
}

/** What no process is busy with. */
const waitKinds: ReadonlySet<string> = new Set(["person", "receive", "slot"]);

/** Of an item or a round, of which there may be any number. */
function isRepeated(path: string): boolean {
  return path.includes("[") || path.includes("#");
}

function change(entry: Entry): Entry["view"] {
  entry.listed = null;
  return entry.view;
}

/** The progress of a block that runs changes without a word. */
function listed(entry: Entry): StepView {
  const { view, node } = entry;
  const progress = node === null ? null : progressOf(node, false);
  if (progress !== null) return { ...view, progress };
  entry.listed ??= { ...view };
  return entry.listed;
}

function describe(node: TaskNode): { readonly kind: string; readonly callee: string | null } {
  const { action } = node.code;
  if (action.kind === "choice") return { kind: "if", callee: null };
  if (action.kind !== "call") return { kind: action.kind, callee: null };
  const resolved = node.act?.kind === "call" || node.act?.kind === "agent" ? node.act.callee : null;
  if (resolved !== null && resolved !== undefined)
    return { kind: resolved.kind, callee: resolved.name };
  const { callee } = action.plan;
  switch (callee.kind) {
    case "agent":
    case "tool":
    case "flow":
      return { kind: callee.kind, callee: callee.name };
    case "role":
    case "value":
      return { kind: "agent", callee: null };
    case "fail":
    case "sleep":
    case "receive":
    case "emit":
    case "continue":
      return { kind: callee.kind, callee: null };
  }
}

function statusOf(ending: Ending): StepView["status"] {
  if (ending.kind === "ok") return "succeeded";
  return ending.kind;
}

function progressOf(node: TaskNode, over: boolean): StepView["progress"] {
  const { act } = node;
  if (act?.kind === "for")
    return {
      done: act.done - act.failed.length,
      failed: act.failed.length,
      total: act.items.length,
    };
  if (act?.kind === "repeat")
    return { done: over ? act.round : act.round - 1, failed: 0, total: act.maxRounds };
  return null;
}
