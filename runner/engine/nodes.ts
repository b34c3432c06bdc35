/**
 * What a run consists of while it runs: a tree. A flow holds a block, a block holds steps, a step holds blocks, inner
 * flows or activities. A node that has ended leaves the tree, so the state of a run is as large as what
 * is going on in it, however long its history.
 *
 * Nodes hold data only; what they do stands in the modules beside this one.
 */

import type { Names } from "../../plan/evaluate/names.ts";
import { ValueRefused } from "../../plan/evaluate/names.ts";
import { decodeValue } from "../../plan/decode-value.ts";
import type { Json } from "../../plan/expression.ts";
import type { ActivityKind, ErrorValue, StateReading, TimerKind } from "../../plan/history.ts";
import type { BlockCode, FlowCode, LetCode, StepCode } from "./code.ts";
import type { ActState } from "./act-state.ts";
import type { Program } from "../../plan/plan.ts";

/** What expressions see of the run itself. */
export interface RunContext {
  readonly schemas: Program["schemas"];
  readonly config: { readonly [name: string]: Json };
  /** A name had no value yet. */
  missed: boolean;
  readonly chain: LetChain;
  contextValue(name: string): Json | undefined;
}

/** Amounts in micro-dollars and tokens, so that sums are exact. Null: no limit. */
export interface Budget {
  readonly cost: number | null;
  readonly tokens: number | null;
  spentCost: number;
  spentTokens: number;
  reservedCost: number;
  reservedTokens: number;
}

export interface Timer {
  readonly kind: TimerKind;
  readonly path: string;
  readonly dueMs: number;
  readonly node: Node;
  /** Order of setting: of timers due together, the first set fires first. */
  readonly order: number;
  off: boolean;
}

export type Ending =
  | { readonly kind: "ok"; readonly value: Json }
  | { readonly kind: "failed"; readonly error: ErrorValue }
  | { readonly kind: "cancelled" };

/** Why a node is being closed: no more children are started, and once all have ended the node goes on from here. */
export type Interrupt =
  | { readonly kind: "fail"; readonly error: ErrorValue }
  | { readonly kind: "cancel" }
  | { readonly kind: "won"; readonly value: Json };

/** A finished step that can be compensated. */
export interface UndoEntry {
  readonly order: number;
  readonly code: StepCode;
  readonly scope: ScopeNode;
  readonly path: string;
  readonly value: Json;
  /** Idempotency path of the step, and how often it was undone before. */
  readonly keyPath: string;
  readonly round: number;
}

/** Lists within lists: merging a block's entries into its parent's costs nothing. */
export type UndoTree = readonly (UndoEntry | UndoTree)[];

export type Node = FlowNode | ScopeNode | TaskNode | UndoNode | LeafNode;
export type ParentNode = FlowNode | ScopeNode | TaskNode | UndoNode;

abstract class AnyNode {
  abstract readonly kind: string;
  readonly path: string;
  readonly parent: ParentNode | null;
  children: Set<Node> | null = null;
  interrupt: Interrupt | null = null;
  /** Its children are being interrupted one by one: it settles when all have been. */
  sweeping = false;
  ended = false;
  undo: (UndoEntry | UndoTree)[] | null = null;
  budget: Budget | null = null;
  timers: Timer[] | null = null;

  constructor(path: string, parent: ParentNode | null) {
    this.path = path;
    this.parent = parent;
  }
}

/** Calls of one flow, with one value of its `per`. */
export interface FlowLimit {
  running: number;
  /** Times of the latest starts, for `rate`. */
  starts: number[];
  readonly queue: Set<TaskNode>;
}

export interface Continuation {
  /** Id of the flow. */
  readonly flow: string;
  readonly input: { readonly [param: string]: Json };
  readonly pauseMs: number;
  /** How many runs in a row `continue` has started with this one. */
  readonly continuation: number;
}

/** A flow being run: the run's own, or one that was called. */
export class FlowNode extends AnyNode {
  readonly kind = "flow";
  readonly code: FlowCode;
  readonly args: { readonly [param: string]: Json };
  /** Path of its timers, its `fallback` and, if its body is one unnamed action, of that. */
  readonly ownPath: string;
  phase: "slot" | "turn" | "states" | "redoing" | "idle" | "body" | "undoing" | "fallback" =
    "states";
  readings: readonly StateReading[] = [];
  /** Values of its states in this run. */
  states: Record<string, Json> = {};
  /** Messages that agents with `memory` add to a state. */
  appended: Record<string, Json[]> = {};
  /** States whose `onIdle` still has to give their value. */
  idle: string[] = [];
  /** What `onIdle` gave; it takes effect when all have. */
  fresh: Record<string, Json> = {};
  /** Limits that it counts under while it runs. */
  limitKey: string | null = null;
  /** Where it has asked the store for its slot. */
  slotPath: string | null = null;
  /** 10 critical, 7, 5, 3, 1 background: of its activities. */
  priority = 5;
  /** How `continue` starts it again, if it succeeds. */
  continuation: Continuation | null = null;
  /** Its `fallback` has begun: there is no second one. */
  fellBack = false;
  error: ErrorValue | null = null;

  constructor(given: {
    code: FlowCode;
    args: FlowNode["args"];
    path: string;
    ownPath: string;
    parent: TaskNode | null;
  }) {
    super(given.path, given.parent);
    this.code = given.code;
    this.args = given.args;
    this.ownPath = given.ownPath;
  }
}

/** A block being run. Its names are what expressions in it see. */
export class ScopeNode extends AnyNode implements Names {
  readonly kind = "scope";
  readonly code: BlockCode;
  /** The block around it, whose names it sees. */
  readonly outer: ScopeNode | null;
  readonly run: RunContext;
  readonly values = new Map<string, Json>();
  readonly tasks: TaskNode[] = [];
  /** Steps that are not done, plus steps of outer blocks that `output` waits for. */
  open = 0;
  waiters: Map<string, (TaskNode | ScopeNode)[]> | null = null;
  readonly race: boolean;
  /** Failures end here: what finished in it is undone before it has failed. */
  readonly contains: boolean;
  /** Of an item: its position. */
  readonly item: number;
  phase: "body" | "undoing" = "body";
  /** Of a race: what the winner can undo. */
  kept: (UndoEntry | UndoTree)[] | null = null;
  result: Ending | null = null;

  constructor(given: {
    run: RunContext;
    code: BlockCode;
    outer: ScopeNode | null;
    path: string;
    parent: ParentNode;
    race: boolean;
    contains: boolean;
    item: number;
  }) {
    super(given.path, given.parent);
    this.run = given.run;
    this.code = given.code;
    this.outer = given.outer;
    this.race = given.race;
    this.contains = given.contains;
    this.item = given.item;
  }

  lookup(name: string): Json | undefined {
    for (let scope: ScopeNode | null = this; scope !== null; scope = scope.outer) {
      const value = scope.values.get(name);
      if (value !== undefined) return value;
      const entry = scope.code.lets.get(name);
      if (entry !== undefined) return scope.letValue(name, entry);
    }
    const value = this.run.contextValue(name);
    if (value === undefined) this.run.missed = true;
    return value;
  }

  config(name: string): Json | undefined {
    return this.run.config[name];
  }

  /** Computed when first read, and kept. A chain of lets is as long as a program wants, and a stack is not. */
  letValue(name: string, entry: LetCode): Json {
    const { chain } = this.run;
    const early = chain.early.get(this)?.get(name);
    if (early !== undefined) {
      if (early.missed) this.run.missed = true;
      return early.value;
    }
    if (chain.length >= maxChain) throw new ChainTooLong(this, name, entry);
    return chain.length > 0 ? this.evaluateLet(name, entry) : this.evaluateChain(name, entry);
  }

  /** What turns out to be too far down is computed first, from an empty stack. */
  evaluateChain(name: string, entry: LetCode): Json {
    const { chain } = this.run;
    const waiting: Pick<ChainTooLong, "scope" | "name" | "entry">[] = [
      { scope: this, name, entry },
    ];
    try {
      for (;;) {
        const { scope, name: current, entry: code } = waiting.at(-1) as (typeof waiting)[number];
        const missedBefore = this.run.missed;
        try {
          this.run.missed = false;
          const value = scope.evaluateLet(current, code);
          const missed = this.run.missed;
          this.run.missed = missed || missedBefore;
          waiting.pop();
          if (waiting.length === 0) return value;
          const values = chain.early.get(scope) ?? new Map<string, EarlyLet>();
          chain.early.set(scope, values.set(current, { value, missed }));
        } catch (error) {
          this.run.missed = missedBefore;
          if (!(error instanceof ChainTooLong)) throw error;
          waiting.push(error);
        }
      }
    } finally {
      chain.early.clear();
    }
  }

  /** `undo` and `fallback` may read a `let` before the steps it mentions are done; such a value is not kept. */
  evaluateLet(name: string, entry: LetCode): Json {
    const { run } = this;
    const missedBefore = run.missed;
    run.missed = false;
    run.chain.length += 1;
    try {
      const value = checked(run, entry, entry.value(this));
      if (run.missed) return value;
      run.missed = missedBefore;
      this.values.set(name, value);
      return value;
    } finally {
      run.chain.length -= 1;
    }
  }
}

/** Lets read within one another; far fewer than a stack has room for, whatever their expressions are. */
const maxChain = 200;

export interface EarlyLet {
  readonly value: Json;
  readonly missed: boolean;
}

/** How far down the evaluation of lets is, and those that were computed before they were read. */
export interface LetChain {
  length: number;
  readonly early: Map<ScopeNode, Map<string, EarlyLet>>;
}

/** Never leaves the evaluation of a let. */
class ChainTooLong extends Error {
  readonly scope: ScopeNode;
  readonly entry: LetCode;

  constructor(scope: ScopeNode, name: string, entry: LetCode) {
    super("a let is read too far down");
    this.scope = scope;
    this.name = name;
    this.entry = entry;
  }
}

function checked(run: RunContext, entry: LetCode, value: Json): Json {
  if (entry.schema === null) return value;
  const decoded = decodeValue(run.schemas, entry.schema, value);
  if (!decoded.ok) throw new ValueRefused(decoded.problems);
  return decoded.value;
}

/** A step being run, a call of an agent's tool, or a compensation. */
export class TaskNode extends AnyNode {
  readonly kind = "task";
  readonly code: StepCode;
  /** Whose names its expressions see. */
  readonly scope: ScopeNode;
  /** Arguments that are values already. */
  readonly given: { readonly [param: string]: Json } | null;
  phase: "pending" | "action" | "undoing" | "backoff" | "fallback" = "pending";
  /** Steps it waits for. */
  waiting = 0;
  act: ActState | null = null;
  /** Limits of the called flow that it waits for. */
  queuedFor: string | null = null;
  /** Tries begun. */
  attempt = 0;
  error: ErrorValue | null = null;
  /** Pause before the next try, chosen when the last one failed; null: no more tries. */
  retryMs: number | null = null;
  /** Of a compensation: what it undoes. */
  readonly undoes: UndoEntry | null;
  /** Of a call that an agent makes: what stands for it in idempotency keys. */
  readonly keyName: string | null;

  constructor(given: {
    code: StepCode;
    scope: ScopeNode;
    path: string;
    parent: ParentNode;
    args?: TaskNode["given"];
    undoes?: UndoEntry;
    keyName?: string;
  }) {
    super(given.path, given.parent);
    this.code = given.code;
    this.scope = given.scope;
    this.given = given.args ?? null;
    this.undoes = given.undoes ?? null;
    this.keyName = given.keyName ?? null;
  }
}

/** Compensation of what failed, one step after the other. Nothing interrupts it. */
export class UndoNode extends AnyNode {
  readonly kind = "undo";
  /** Latest completion first. */
  readonly entries: readonly UndoEntry[];
  next = 0;

  constructor(entries: readonly UndoEntry[], parent: ParentNode) {
    super(parent.path, parent);
    this.entries = entries;
  }
}

/** One attempt of an activity. */
export class LeafNode extends AnyNode {
  readonly kind = "leaf";
  readonly activity: ActivityKind;
  readonly callee: string;
  readonly attempt: number;
  readonly owner: TaskNode | FlowNode;
  state: "ready" | "started" | "aborting" = "ready";
  reserved: { readonly cost: number; readonly tokens: number } | null = null;
  /** Why a person's last answer was not accepted. */
  problem: string | null = null;

  constructor(given: {
    activity: ActivityKind;
    callee: string;
    attempt: number;
    path: string;
    owner: TaskNode | FlowNode;
  }) {
    super(given.path, given.owner);
    this.activity = given.activity;
    this.callee = given.callee;
    this.attempt = given.attempt;
    this.owner = given.owner;
  }
}
