import { assert, required } from "../../base/assert.ts";
import { sha256 } from "../../base/sha256.ts";
import { isRecord } from "../../plan/evaluate/json-record.ts";
import type { Json } from "../../plan/expression.ts";
import type { EngineProgram } from "./code.ts";
import { dataList, isDataList, partsOf } from "./data-list.ts";
import { FlowNode, LeafNode, ScopeNode, TaskNode, UndoNode } from "./nodes.ts";
import type { Timer } from "./nodes.ts";
import type { RunState } from "./run-state.ts";
import { TimerQueue } from "./timers.ts";

/**
 * The state of a run as JSON. It is a graph: nodes refer to their parents, blocks and timers. Every object that is not plain
 * data becomes an entry of `nodes` and is referred to by position, as `{ "$n": 3 }`; parts of the plan are
 * referred to by their number in it.
 *
 * A long list of user data is an entry of `lists`, in parts: `{ "$l": 3 }`. Parts that have not changed are the same objects as
 * in the snapshot before, and frozen, so that who stores them need not write them again.
 *
 * A snapshot saves folding a history again, so one of another form is not read at all: the history is folded. The version is
 * raised when plain data in it changes its fields; those of nodes and of the run are told by `shapeOf`.
 */
const version = 3;

const classes = {
  flow: FlowNode,
  scope: ScopeNode,
  task: TaskNode,
  undo: UndoNode,
  leaf: LeafNode,
} as const;
type NodeKind = keyof typeof classes;

/** Fields of a run that are not written: they follow from the plan, or are empty between two events. */
const derived: ReadonlySet<string> = new Set([
  "program",
  "logic",
  "observer",
  "agenda",
  "chain",
  "timers",
  "lastSpent",
]);

export function encodeSnapshot(run: RunState): Json {
  const encoder = new Encoder(run);
  const fields: Record<string, Json> = {};
  for (const [name, value] of Object.entries(run))
    if (!derived.has(name)) fields[name] = encoder.encode(value);
  const timers = [...run.timers.active.values()].map((timer) => encoder.encode(timer));
  encoder.encodeQueued();
  const { hash: planHash } = run.program;
  const lists = encoder.encodeLists();
  return { version, shape: shapeOf(run), planHash, fields, timers, nodes: encoder.nodes, lists };
}

/** Whether `decodeSnapshot` can read it for a run of this plan. */
export function fitsSnapshot(run: RunState, snapshot: Json): boolean {
  if (!isRecord(snapshot)) return false;
  const { hash } = run.program;
  const { version: written, shape, planHash } = snapshot;
  return written === version && shape === shapeOf(run) && planHash === hash;
}

let nodeShape: string | undefined;

/** Changes with the fields of nodes and runs: what an object of an older form lacks would be undefined in it. */
function shapeOf(run: RunState): string {
  nodeShape ??= sha256([Object.keys(run), ...nodeFields()].join("; "));
  return nodeShape;
}

function nodeFields(): readonly (readonly string[])[] {
  const given = {} as never;
  return [
    new FlowNode(given),
    new ScopeNode(given),
    new TaskNode(given),
    new UndoNode([], given),
    new LeafNode(given),
  ].map((node) => Object.keys(node));
}

class Encoder {
  readonly run: RunState;
  readonly positions = new Map<object, number>();
  readonly queue: object[] = [];
  readonly nodes: Json[] = [];
  readonly lists = new Map<readonly Json[], number>();

  constructor(run: RunState) {
    this.run = run;
  }

  listPosition(list: readonly Json[]): number {
    const known = this.lists.get(list) ?? this.lists.size;
    this.lists.set(list, known);
    return known;
  }

  encodeLists(): Json {
    return [...this.lists.keys()].map(partsOf);
  }

  encode(value: unknown): Json {
    if (
      value === null ||
      typeof value === "string" ||
      typeof value === "boolean" ||
      typeof value === "number"
    )
      return value;
    if (value === undefined) return { $u: 0 };
    assert(typeof value === "object", () => `a snapshot holds no ${typeof value}`);
    if (Array.isArray(value))
      return isDataList(value)
        ? { $l: this.listPosition(value as readonly Json[]) }
        : value.map((item) => this.encode(item));
    if (value === this.run) return { $r: 0 };
    if (value instanceof Map)
      return { $m: [...value].map(([key, item]) => [this.encode(key), this.encode(item)]) };
    if (value instanceof Set) return { $s: [...value].map((item) => this.encode(item)) };
    if (isNode(value) || isTimer(value) || isUndoEntry(value)) return { $n: this.position(value) };
    return this.codeReference(value) ?? this.plain(value);
  }

  position(value: object): number {
    const known = this.positions.get(value);
    if (known !== undefined) return known;
    const position = this.positions.size;
    this.positions.set(value, position);
    this.queue.push(value);
    return position;
  }

  encodeQueued(): void {
    for (let at = 0; at < this.queue.length; at += 1) {
      const value = this.queue[at] as object;
      const type = isNode(value) ? value.kind : "";
      this.nodes.push({ type, fields: this.plain(value) });
    }
  }

  codeReference(value: object): Json | null {
    const { steps, blocks, flows } = this.run.program;
    if ("index" in value && typeof value.index === "number") {
      if (steps[value.index] === value) return { $step: value.index };
      if (blocks[value.index] === value) return { $block: value.index };
    }
    if ("id" in value && typeof value.id === "string" && flows.get(value.id) === value)
      return { $flow: value.id };
    return null;
  }

  /** Fields of user data may look like a reference: they are escaped. */
  plain(value: object): Json {
    const entries = Object.entries(value).map(([name, item]) => [name, this.encode(item)] as const);
    if (entries.some(([name]) => name.startsWith("$") || name === "__proto__"))
      return { $o: entries.map(([name, item]) => [name, item]) };
    return Object.fromEntries(entries);
  }
}

function isNode(value: object): value is InstanceType<(typeof classes)[NodeKind]> {
  return Object.values(classes).some((type) => value instanceof type);
}

function isTimer(value: object): value is Timer {
  return "dueMs" in value && "order" in value && "off" in value;
}

function isUndoEntry(value: object): boolean {
  return "order" in value && "keyPath" in value && "scope" in value;
}

/** Reads what `encodeSnapshot` wrote into `run`, a new state of the same plan. */
export function decodeSnapshot(run: RunState, program: EngineProgram, snapshot: Json): void {
  const document = snapshot as {
    readonly version: number;
    readonly planHash: string;
    readonly fields: { readonly [name: string]: Json };
    readonly timers: readonly Json[];
    readonly nodes: readonly { readonly type: string; readonly fields: Json }[];
    readonly lists: readonly (readonly (readonly Json[])[])[];
  };
  assert(fitsSnapshot(run, snapshot), "a snapshot of this form and plan");
  const decoder = new Decoder(
    run,
    program,
    document.nodes.map((node) => blank(node.type)),
    document.lists.map((parts) => dataList(parts.flat())),
  );
  for (const [at, node] of document.nodes.entries())
    Object.assign(required(decoder.nodes[at], "a node"), decoder.decode(node.fields));
  for (const [name, value] of Object.entries(document.fields))
    Object.assign(run, { [name]: decoder.decode(value) });
  const timers = new TimerQueue();
  const set = document.timers
    .map((timer) => decoder.decode(timer) as Timer)
    .sort((left, right) => left.order - right.order);
  for (const timer of set) timers.set(timer);
  Object.assign(run, { timers });
}

function blank(type: string): object {
  return type === "" ? {} : (Object.create(classes[type as NodeKind].prototype) as object);
}

class Decoder {
  readonly run: RunState;
  readonly program: EngineProgram;
  readonly nodes: readonly object[];
  readonly lists: readonly (readonly Json[])[];

  constructor(
    run: RunState,
    program: EngineProgram,
    nodes: readonly object[],
    lists: readonly (readonly Json[])[],
  ) {
    this.run = run;
    this.program = program;
    this.nodes = nodes;
    this.lists = lists;
  }

  decode(value: Json): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((item: Json) => this.decode(item));
    const record = value as { readonly [name: string]: Json };
    const [mark] = Object.keys(record);
    if (mark?.startsWith("$") === true) return this.reference(mark, record[mark] ?? null);
    return Object.fromEntries(
      Object.entries(record).map(([name, item]) => [name, this.decode(item)]),
    );
  }

  reference(mark: string, value: Json): unknown {
    switch (mark) {
      case "$n":
        return this.nodes[value as number];
      case "$l":
        return this.lists[value as number];
      case "$r":
        return this.run;
      case "$u":
        return undefined;
      case "$step":
        return this.program.steps[value as number];
      case "$block":
        return this.program.blocks[value as number];
      case "$flow":
        return this.program.flows.get(value as string);
      case "$m":
        return new Map(
          (value as readonly (readonly [Json, Json])[]).map(([key, item]) => [
            this.decode(key),
            this.decode(item),
          ]),
        );
      case "$s":
        return new Set((value as readonly Json[]).map((item) => this.decode(item)));
      default:
        return Object.fromEntries(
          (value as readonly (readonly [string, Json])[]).map(([name, item]) => [
            name,
            this.decode(item),
          ]),
        );
    }
  }
}
