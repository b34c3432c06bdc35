import { sha256Steps } from "../base/sha256.ts";
import type { Json } from "../plan/expression.ts";
import type { RunEvent } from "../plan/history.ts";
import { decodeWaits, isForOthers } from "../plan/wait.ts";
import type {
  DeadLetterHead,
  ForkOptions,
  HumanTask,
  Outcome,
  Refusal,
  RunDetail,
  RunStatus,
  RunSummary,
  Runner,
  StartOptions,
} from "./api.ts";
import type { OperatedRunner, Operations } from "./operations-api.ts";
import { inTurns } from "./ports/in-turns.ts";
import { ValueTooLarge } from "./ports/value-too-large.ts";
import type { RunViews } from "./run-views.ts";
import type { PeopleDesk } from "./people-desk.ts";
import type { Clock } from "./ports/clock.ts";
import type { ModulePort } from "./ports/tool.ts";
import type { RunHead, Store, StoredTask, TaskPage } from "./ports/store.ts";
import type { DeadLetterHead as StoredDeadLetterHead } from "./ports/dead-letter.ts";
import type { Transport } from "./ports/transport.ts";
import { checkAnswer } from "./run-input.ts";
import type { RunForker } from "./run-forker.ts";
import { RunRetrier } from "./run-retrier.ts";
import type { RunStarter } from "./run-starter.ts";
import { toRunError, toSummary } from "./run-summary.ts";
import type { RunWatch } from "./run-watch.ts";
import { isLargerSteps } from "./steps/unkeepable.ts";
import { checkSize } from "./check-size.ts";
import type { Worker } from "./worker/worker.ts";

export interface RunnerParts {
  /** Name of this process in the store. */
  readonly session: string;
  readonly breakers: () => readonly { readonly name: string; readonly open: boolean }[];
  readonly store: Store;
  /** Opened here, and so closed here. */
  readonly ownsStore: boolean;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly worker: Worker;
  readonly transport: Transport;
  readonly starter: RunStarter;
  readonly forker: RunForker;
  readonly watch: RunWatch;
  readonly desk: PeopleDesk;
  readonly modules: ModulePort;
  readonly views: RunViews;
  /** What a value from outside may have as JSON, and a file in bytes. */
  readonly maxValueBytes: number;
  readonly operations: Operations;
}

/** Questions that are brought to people at once when runs are taken up. */
const maxQuestions = 100;

/** The runner that lives in the process that uses it. */
export class EmbeddedRunner implements OperatedRunner {
  readonly parts: RunnerParts;
  private readonly retrier: RunRetrier;
  private closed: Promise<void> | undefined;

  constructor(parts: RunnerParts) {
    this.parts = parts;
    const { store, clock, newId, starter } = parts;
    const goOnUntil = this.goOnUntil.bind(this);
    this.retrier = new RunRetrier({ store, clock, newId, starter, goOnUntil });
  }

  get operations(): Operations {
    return this.parts.operations;
  }

  start(options: StartOptions): Promise<Outcome<{ run: string; existing: boolean }>> {
    return this.parts.starter.start(options);
  }

  async wait(
    run: string,
    options: { readonly untilWaiting?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<RunSummary> {
    const { store, watch, worker } = this.parts;
    for (;;) {
      options.signal?.throwIfAborted();
      const changed = watch.change(run, options.signal);
      const fault = worker.faultOf(run);
      if (fault !== undefined) throw fault;
      if (worker.isBusyWith(run)) {
        const ended = await changed;
        if (ended !== undefined) return toSummary(ended);
        continue;
      }
      const head = await store.head(run);
      if (head === null) throw new Error(`there is no run ${run}`);
      if (head.endedAtMs !== null || (await this.stands(head, options.untilWaiting === true)))
        return toSummary(head);
      const ended = await changed;
      if (ended !== undefined) return toSummary(ended);
    }
  }

  async recover(): Promise<readonly string[]> {
    const { worker, desk, store } = this.parts;
    const runs = await worker.recover();
    if (!desk.asks) return runs;
    // Whoever sits there can't answer more.
    for (const task of await store.tasks(undefined, { limit: maxQuestions })) {
      worker.adopt(task.run);
      desk.ask(task);
    }
    return runs;
  }

  async resume(run: string): Promise<Outcome<{ status: RunStatus }>> {
    const head = await this.parts.store.head(run);
    if (head === null) return unknownRun(run);
    if (head.endedAtMs !== null)
      return refusal(
        "conflict",
        `run ${run} has ${head.status}; \`retry\` starts a failed run again`,
      );
    const refused = await this.parts.starter.checkResume(head);
    if (refused !== null) return refused;
    const { store, clock, newId } = this.parts;
    if (head.status === "paused")
      await store.deliver({ id: newId(), run, atMs: clock.now(), kind: "resume" });
    this.goOn(run);
    for (const task of await store.tasks(run)) this.parts.desk.ask(task);
    return { ok: true, status: head.status };
  }

  retry(
    run: string,
    options: { readonly upgradeTo?: StartOptions["plan"] } = {},
  ): Promise<Outcome<{ status: RunStatus }>> {
    return this.retrier.retry(run, options);
  }

  fork(run: string, options?: ForkOptions): ReturnType<Runner["fork"]> {
    return this.parts.forker.fork(run, options);
  }

  async cancel(run: string, reason = "cancelled by hand"): Promise<Outcome<{ status: RunStatus }>> {
    const { store, clock, newId, transport } = this.parts;
    const head = await store.head(run);
    if (head === null) return unknownRun(run);
    if (head.endedAtMs !== null)
      return refusal("conflict", `run ${run} has ${head.status} already`);
    const delivered = await store.deliver({
      id: newId(),
      run,
      atMs: clock.now(),
      kind: "cancel",
      reason,
    });
    if (!delivered) return refusal("conflict", `run ${run} has ended meanwhile`);
    transport.cancelHint(run);
    this.goOn(run);
    return { ok: true, status: (await store.head(run))?.status ?? head.status };
  }

  async answer(run: string, path: string, value: Json): Promise<Outcome<object>> {
    const { store, clock, newId } = this.parts;
    const task = (await store.tasks(run)).find(
      (entry) => entry.path === path || stepOf(entry.path) === path,
    );
    if (task === undefined) return refusal("not_found", `run ${run} asks nobody at ${path}`);
    const { maxValueBytes } = this.parts;
    if (await inTurns(isLargerSteps(value, maxValueBytes), clock))
      return refusal("invalid_input", `the answer has more than ${maxValueBytes} bytes`);
    const refused = checkAnswer(task.schema, value);
    if (refused !== null) return refused;
    const item = {
      id: newId(),
      run,
      atMs: clock.now(),
      kind: "answer",
      path: task.path,
      value,
    } as const;
    if (!(await store.deliver(item))) return refusal("conflict", `run ${run} has ended meanwhile`);
    this.goOn(run);
    return { ok: true };
  }

  async emit(event: {
    readonly topic: string;
    readonly data: Json;
    readonly id?: string;
  }): Promise<{ delivered: number }> {
    const { store, clock, newId } = this.parts;
    await checkSize(`the event ${event.topic}`, event.data, this.parts);
    const time = new Date(clock.now()).toISOString();
    const runs = await store.publish({
      id: event.id ?? newId(),
      topic: event.topic,
      time,
      data: event.data,
    });
    for (const run of runs) this.goOn(run);
    return { delivered: runs.length };
  }

  plan(planHash: string): Promise<StartOptions["plan"] | null> {
    return this.parts.store.getPlan(planHash);
  }

  async list(filter: Parameters<Runner["list"]>[0] = {}): Promise<readonly RunSummary[]> {
    return (await this.parts.store.list(filter)).map(toSummary);
  }

  async show(run: string): Promise<RunDetail | null> {
    const head = await this.parts.store.head(run);
    return head === null ? null : this.parts.views.detail(head);
  }

  events(run: string, afterSeq = 0, limit?: number): Promise<readonly RunEvent[]> {
    const range = limit === undefined ? { afterSeq } : { afterSeq, limit };
    return this.parts.store.events(run, range);
  }

  watch(run: string, listener: (events: readonly RunEvent[]) => void): () => void {
    return this.parts.watch.follow(run, listener);
  }

  async tasks(run?: string, page?: TaskPage): Promise<readonly HumanTask[]> {
    return (await this.parts.store.tasks(run, page)).map(toTask);
  }

  readonly deadLetters: Runner["deadLetters"] = {
    list: async (filter = {}) => (await this.parts.store.deadLetters(filter)).map(toLetterHead),
    show: async (id) => {
      const letter = await this.parts.store.deadLetter(id);
      return letter === null ? null : { ...toLetterHead(letter), input: letter.input };
    },
    retry: (id, input) => this.retrier.retryLetter(id, input),
    discard: async (id, reason) => {
      const done = await this.parts.store.closeDeadLetter(id, "discarded", reason);
      return done ? { ok: true } : refusal("not_found", `there is no open dead letter ${id}`);
    },
  };

  async storeFile(file: {
    readonly name: string;
    readonly mime: string;
    readonly bytes: Uint8Array;
  }): Promise<Json> {
    const { maxValueBytes } = this.parts;
    if (file.bytes.length > maxValueBytes)
      throw new ValueTooLarge(`the file ${file.name} has more than ${maxValueBytes} bytes`);
    const hash = await inTurns(sha256Steps(file.bytes), this.parts.clock);
    await this.parts.store.writeFile(hash, file.bytes);
    return { name: file.name, mime: file.mime, size: file.bytes.length, sha256: hash };
  }

  close({ graceMs = 30_000 }: { readonly graceMs?: number } = {}): Promise<void> {
    this.closed ??= this.closeAll(graceMs);
    return this.closed;
  }

  private async closeAll(graceMs: number): Promise<void> {
    const { desk, worker, watch, modules, store, ownsStore, transport } = this.parts;
    desk.close();
    await worker.close(graceMs);
    await transport.close();
    watch.close();
    await modules.close();
    if (ownsStore) await store.close();
  }

  /** Whether a run that has not ended can't go on without somebody from outside, or is not waited for any longer. */
  private async stands(head: RunHead, untilWaiting: boolean): Promise<boolean> {
    if (head.status === "paused") return true;
    if (head.status !== "waiting") return false;
    if (untilWaiting) return true;
    const { desk, store } = this.parts;
    if (desk.isAsking(head.run)) return false;
    const { waits } = decodeWaits(head.waitsFor);
    // Other runs give their slots back, and then it goes on by itself.
    if (waits.some(({ kind }) => kind === "slot")) return false;
    const needsOthers =
      head.wakeAtMs === null ||
      isForOthers(waits) ||
      (await store.tasks(head.run, { limit: 1 })).length > 0;
    return needsOthers && (await store.inbox(head.run, 1)).length === 0;
  }

  private goOn(run: string): void {
    this.parts.worker.adopt(run);
    this.parts.worker.attend(run);
    // Its owner may be another process.
    if (this.parts.transport.handsOut) this.parts.transport.cancelHint(run);
  }

  private async goOnUntil(run: string, reached: (head: RunHead) => boolean): Promise<void> {
    this.goOn(run);
    for (let tries = 0; tries < 50; tries += 1) {
      const changed = this.parts.watch.change(run);
      const head = await this.parts.store.head(run);
      if (head === null || reached(head) || this.parts.worker.faultOf(run) !== undefined) return;
      await changed;
    }
  }
}

/** A task's path is that of an activity; people know the step. */
function stepOf(path: string): string {
  return path.replace(/@.*$/, "");
}

function refusal(code: string, message: string): Refusal {
  return { ok: false, code, message };
}

function unknownRun(run: string): Refusal {
  return refusal("not_found", `there is no run ${run}`);
}

function toTask(task: StoredTask): HumanTask {
  const { run, path, agent, question, schema, askedAtMs, dueAtMs, channel, assignees } = task;
  return { run, path, agent, question, schema, askedAtMs, dueAtMs, channel, assignees };
}

function toLetterHead(letter: StoredDeadLetterHead): DeadLetterHead {
  const { id, run, flow, queue, path, errors, atMs, status } = letter;
  return {
    id,
    run,
    flow,
    queue,
    path,
    errors: errors.flatMap((error) => toRunError(error) ?? []),
    atMs,
    status,
  };
}
