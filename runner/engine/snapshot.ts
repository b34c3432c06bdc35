import { allSteps } from "../../base/all-steps.ts";
import { assert, required } from "../../base/assert.ts";
import { sha256 } from "../../base/sha256.ts";
import { isRecord } from "../../plan/evaluate/json-record.ts";
import type { Json } from "../../plan/expression.ts";
import type { EngineProgram } from "./code.ts";
import { dataList, isDataList, joinSteps, partSteps } from "./data-list.ts";
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
const version = 5;

const classes = {
  flow: FlowNode,
  scope: ScopeNode,
  task: TaskNode,
  undo: UndoNode,
  leaf: LeafNode,
} as const;
type NodeKind = keyof typeof classes;

const nodesPerStep = 64;
const valuesPerStep = 1_024;

/** Fields of a run that are not written: they follow from the plan, or are empty between two events. */
const derived: ReadonlySet<string> = new Set([
  "program",
  "logic",
  "observer",
  "agenda",
  "longWork",
  "chain",
  "timers",
  "lastSpent",
]);

export function encodeSnapshot(run: RunState): Json {
  return allSteps(snapshotSteps(run));
}

/** The same in steps of about a millisecond at most. Nothing happens in the run meanwhile. */
export function* snapshotSteps(run: RunState): Generator<void, Json> {
  const encoder = new Encoder(run);
  const fields: Record<string, Json> = {};
  for (const [name, value] of Object.entries(run))
    if (!derived.has(name)) fields[name] = yield* encoder.encodeInSteps(value);
  const timers = yield* encoder.encodeEach(run.timers.active.values());
  yield* encoder.encodeQueued();
  const { hash: planHash } = run.program;
  const lists = yield* encoder.encodeLists();
  return { version, shape: shapeOf(run), planHash, fields, timers, nodes: encoder.nodes, lists };
}

/** How much there is to write in a snapshot, in about what an event costs. */
export function snapshotWeight(snapshot: Json): number {
  const { fields, timers, nodes, lists } = snapshot as unknown as SnapshotDocument;
  let weight = (timers.length + nodes.length) / 4;
  for (const parts of lists) for (const part of parts) weight += part.length / 500;
  for (const value of Object.values(fields)) {
    const { $m: map, $s: set } = isRecord(value) ? value : {};
    for (const entries of [map, set]) if (Array.isArray(entries)) weight += entries.length / 50;
  }
  return Math.ceil(weight);
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

  *encodeLists(): Generator<void, Json> {
    const encoded: Json[] = [];
    for (const list of this.lists.keys()) encoded.push(yield* partSteps(list));
    return encoded;
  }

  *encodeEach(values: Iterable<unknown>): Generator<void, Json[]> {
    const encoded: Json[] = [];
    for (const value of values) {
      encoded.push(this.encode(value));
      if (encoded.length % valuesPerStep === 0) yield;
    }
    return encoded;
  }

  /** What may have many members is encoded in steps, unless it is within something else. */
  *encodeInSteps(value: unknown): Generator<void, Json> {
    if (value instanceof Map) return { $m: yield* this.encodeEach(value) };
    if (value instanceof Set) return { $s: yield* this.encodeEach(value) };
    if (Array.isArray(value) && !isDataList(value)) return yield* this.encodeEach(value);
    return this.encode(value);
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

  *encodeQueued(): Generator<void, void> {
    for (let at = 0; at < this.queue.length; at += 1) {
      const value = this.queue[at] as object;
      const type = isNode(value) ? value.kind : "";
      const isWide = isNode(value) && (value.children?.size ?? 0) > valuesPerStep;
      const fields = isWide ? yield* this.plainInSteps(value) : this.plain(value);
      this.nodes.push({ type, fields });
      if (at % nodesPerStep === nodesPerStep - 1) yield;
    }
  }

  /** Of a node, whose fields never look like a reference. */
  *plainInSteps(value: object): Generator<void, Json> {
    const fields: Record<string, Json> = {};
    for (const [name, item] of Object.entries(value))
      fields[name] = yield* this.encodeInSteps(item);
    return fields;
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

interface SnapshotDocument {
  readonly version: number;
  readonly planHash: string;
  readonly fields: { readonly [name: string]: Json };
  readonly timers: readonly Json[];
  readonly nodes: readonly { readonly type: string; readonly fields: Json }[];
  readonly lists: readonly (readonly (readonly Json[])[])[];
}

/** Reads what `encodeSnapshot` wrote into `run`, a new state of the same plan, in steps of about a millisecond. */
export function* decodeSteps(
  run: RunState,
  program: EngineProgram,
  snapshot: Json,
): Generator<void, void> {
  const document = snapshot as unknown as SnapshotDocument;
  assert(fitsSnapshot(run, snapshot), "a snapshot of this form and plan");
  const lists: (readonly Json[])[] = [];
  for (const parts of document.lists) lists.push(dataList(yield* joinSteps(parts)));
  const nodes = document.nodes.map((node) => blank(node.type));
  const decoder = new Decoder(run, program, nodes, lists);
  for (const [at, node] of document.nodes.entries()) {
    Object.assign(required(decoder.nodes[at], "a node"), decoder.decode(node.fields));
    if (at % nodesPerStep === nodesPerStep - 1) yield;
  }
  for (const [name, value] of Object.entries(document.fields)) {
    Object.assign(run, { [name]: decoder.decode(value) });
    yield;
  }
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
