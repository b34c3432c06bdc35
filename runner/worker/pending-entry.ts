import type {
  ActivityKind,
  ActivitySucceeded,
  ReceivedEvent,
  RunCreated,
  RunEvent,
  RunFact,
} from "../../plan/history.ts";
import type { Json } from "../../plan/expression.ts";
import { standaloneSchema } from "../../plan/schema-reference.ts";
import type {
  EmitActivity,
  PersonActivity,
  ReceiveActivity,
  SlotActivity,
} from "../engine/activity.ts";
import type { Effect } from "../engine/effect.ts";
import type { RunMachine } from "../engine/machine.ts";
import type { DeadLetter } from "../ports/dead-letter.ts";
import type { NewRun } from "../ports/new-run.ts";
import type { AppendEntry, CallSlot, HeadChange, StoredTask } from "../ports/store.ts";
import type { UsageRecord } from "../ports/usage-ledger.ts";
import type { Work } from "../steps/run-activity.ts";
import type { Outcome } from "./activity-run.ts";
import type { LoadedProgram, WorkerHost } from "./worker-host.ts";

/** Grow by one at a time, and a step may add thousands. */
interface Rest {
  remember?: NonNullable<AppendEntry["remember"]>[number][];
  states?: NonNullable<AppendEntry["states"]>[number][];
  deadLetters?: DeadLetter[];
  snapshot?: Json;
}

interface Rare {
  readonly taken: string[];
  readonly putTasks: StoredTask[];
  readonly withdrawn: string[];
  readonly putWaits: { readonly path: string; readonly topic: string }[];
  readonly joined: CallSlot[];
  readonly left: string[];
  readonly publish: ReceivedEvent[];
  readonly aborts: string[];
  /** Items whose dead letters are settled. */
  readonly settled: string[];
  readonly reminded: string[];
  readonly starts: NewRun[];
  readonly rest: Rest;
  readonly usage: UsageRecord[];
}

/** Everything that one step of a run changes, collected until it is appended in one transaction. */
export class PendingEntry {
  readonly events: RunEvent[] = [];
  /** Most steps have nothing of the following, so each list is made when it gets its first item. */
  rare: Rare | null = null;

  readonly machine: RunMachine;
  readonly nowMs: number;
  /** Number of events that are stored already. */
  readonly storedSeq: number;

  constructor(machine: RunMachine, nowMs: number) {
    this.machine = machine;
    this.nowMs = nowMs;
    this.storedSeq = machine.seq;
  }

  get more(): Rare {
    this.rare ??= {
      taken: [],
      putTasks: [],
      withdrawn: [],
      putWaits: [],
      joined: [],
      left: [],
      publish: [],
      aborts: [],
      settled: [],
      reminded: [],
      starts: [],
      rest: {},
      usage: [],
    };
    return this.rare;
  }

  record(fact: RunFact): void {
    this.events.push(this.machine.record(fact, this.nowMs));
  }

  /** Whether the store has anything to learn beside the head. */
  get empty(): boolean {
    return (
      this.events.length === 0 &&
      (this.rare === null || (this.rare.taken.length === 0 && this.rare.putTasks.length === 0))
    );
  }

  /** Takes the outcome of a call, and what it cost into the ledger. */
  recordOutcome(fact: Outcome, activity: Work): void {
    const { spent } = fact;
    if (fact.kind === "activity.failed" || spent !== undefined) this.record(fact);
    else this.add(successOf(fact, { seq: this.machine.seq + 1, atMs: this.nowMs }));
    if (spent === undefined) return;
    this.more.usage.push({
      seq: this.machine.seq,
      atMs: this.nowMs,
      flow: this.machine.flow,
      callee: activity.callee,
      model: modelOf(activity),
      ...spent,
    });
  }

  beginPerson(activity: PersonActivity, program: LoadedProgram): void {
    this.recordStart(activity);
    const model = program.plan.program.models[activity.model];
    this.more.putTasks.push({
      run: this.machine.run,
      path: activity.path,
      agent: activity.agent,
      question: activity.question,
      schema: standaloneSchema(program.plan.program.schemas, activity.schema),
      askedAtMs: this.nowMs,
      dueAtMs: activity.dueAtMs,
      channel: model?.channel ?? null,
      assignees: model?.assignees ?? [],
      problem: activity.problem,
    });
  }

  beginReceive(activity: ReceiveActivity): void {
    this.recordStart(activity);
    this.more.putWaits.push({ path: activity.path, topic: activity.topic });
  }

  beginSlot(activity: SlotActivity): void {
    this.recordStart(activity);
    const { path, key, limit } = activity;
    this.more.joined.push({ path, key, limit });
  }

  /** Publishing is part of the transaction, so it is started and done at once. */
  emit(activity: EmitActivity): void {
    this.recordStart(activity);
    const { path, attempt, key: id, topic, data } = activity;
    this.more.publish.push({ id, topic, time: new Date(this.nowMs).toISOString(), data });
    this.record({ kind: "activity.succeeded", path, attempt, output: null });
  }

  recordStart(activity: Begun): void {
    this.add(startOf(activity, { seq: this.machine.seq + 1, atMs: this.nowMs }));
  }

  private add(event: RunEvent): void {
    this.machine.apply(event);
    this.events.push(event);
  }

  /** Turns what followed from the events into parts of the entry. */
  async addEffects(
    effects: readonly Effect[],
    host: WorkerHost,
    created: RunCreated,
  ): Promise<void> {
    for (const effect of effects) {
      if (effect.kind === "continue") await this.addContinuation(effect, host, created);
      else if (effect.kind === "ask-again") await this.askAgain(effect, host);
      else this.addEffect(effect, host);
    }
  }

  addEffect(effect: Exclude<Effect, { kind: "continue" | "ask-again" }>, host: WorkerHost): void {
    const { machine, nowMs } = this;
    const { rest } = this.more;
    switch (effect.kind) {
      case "abort":
        this.more.aborts.push(effect.path);
        break;
      case "remind":
        this.more.reminded.push(effect.path);
        break;
      case "letter-settled":
        this.more.settled.push(effect.path);
        break;
      case "leave-slot":
        this.more.left.push(effect.path);
        break;
      case "withdraw":
        this.more.withdrawn.push(effect.path);
        break;
      case "remember": {
        const { key, value, ttlMs } = effect;
        (rest.remember ??= []).push({ key, value, untilMs: nowMs + ttlMs });
        break;
      }
      case "store-state": {
        const { flow, name, key, value } = effect;
        (rest.states ??= []).push({ flow, name, key, value, atMs: nowMs });
        break;
      }
      case "dead-letter": {
        const { queue, path, input, errors } = effect;
        const { run, flow } = machine;
        (rest.deadLetters ??= []).push({
          id: host.newId(),
          run,
          flow,
          queue,
          path,
          input,
          errors,
          atMs: nowMs,
          status: "open",
        });
        break;
      }
    }
  }

  async addContinuation(
    effect: Extract<Effect, { kind: "continue" }>,
    host: WorkerHost,
    created: RunCreated,
  ): Promise<void> {
    const { planHash } = this.machine;
    const { flow, input, continuation, pauseMs } = effect;
    const notBeforeMs = pauseMs > 0 ? this.nowMs + pauseMs : null;
    this.more.starts.push(
      await host.nextRun({
        created,
        planHash,
        flow,
        input,
        continuation,
        notBeforeMs,
        atMs: this.nowMs,
      }),
    );
  }

  async askAgain(effect: Extract<Effect, { kind: "ask-again" }>, host: WorkerHost): Promise<void> {
    const tasks = await host.store.tasks(this.machine.run);
    const task = tasks.find((entry) => entry.path === effect.path);
    if (task !== undefined) this.more.putTasks.push({ ...task, problem: effect.problem });
  }

  toEntry(epoch: number, head: HeadChange): AppendEntry {
    const { storedSeq: expectedSeq, events, rare } = this;
    const { run } = this.machine;
    if (rare === null) return { run, epoch, expectedSeq, events, head };
    const { taken, putTasks, withdrawn, putWaits, joined, left, publish, starts, usage } = rare;
    const entry: { -readonly [K in keyof AppendEntry]: AppendEntry[K] } = {
      run,
      epoch,
      expectedSeq,
      events,
      head,
      ...rare.rest,
    };
    if (taken.length > 0) entry.taken = taken;
    if (putTasks.length > 0 || withdrawn.length > 0)
      entry.tasks = { put: putTasks, withdraw: withdrawn };
    if (putWaits.length > 0 || withdrawn.length > 0)
      entry.waits = { put: putWaits, withdraw: withdrawn };
    if (joined.length > 0 || left.length > 0) entry.slots = { join: joined, leave: left };
    if (publish.length > 0) entry.publish = publish;
    if (starts.length > 0) entry.starts = starts;
    if (usage.length > 0) entry.usage = usage;
    return entry;
  }
}

/** The number and the time of an event. */
type Place = Pick<RunEvent, "seq" | "atMs">;

interface Begun {
  readonly path: string;
  readonly attempt: number;
  readonly kind: ActivityKind;
  readonly callee: string;
  readonly model?: string;
}

/** Of each step there is one, and one of its end: written out, because to spread records takes several times as long. */
function startOf({ path, attempt, kind: activity, callee, model }: Begun, place: Place): RunEvent {
  const { seq, atMs } = place;
  const kind = "activity.started";
  return model === undefined
    ? { seq, atMs, kind, path, attempt, activity, callee }
    : { seq, atMs, kind, path, attempt, activity, callee, model };
}

function successOf({ path, attempt, output }: ActivitySucceeded, { seq, atMs }: Place): RunEvent {
  return { seq, atMs, kind: "activity.succeeded", path, attempt, output };
}

/** Name in the plan; an embedding may be of a model that is not in it. */
function modelOf(activity: Work): string | null {
  if (activity.kind === "model") return activity.model;
  return activity.kind === "cache" ? (activity.near?.model ?? null) : null;
}
