import type { Json } from "../plan/expression.ts";
import type { Redo, RunEvent } from "../plan/history.ts";
import type { Plan } from "../plan/plan.ts";
import type { Outcome, Refusal, RunStatus } from "./api.ts";
import type { Clock } from "./ports/clock.ts";
import type { DeadLetter } from "./ports/dead-letter.ts";
import type { InboxItem, RunHead, Store } from "./ports/store.ts";
import { limitsOf } from "./run-starter.ts";
import type { RunStarter } from "./run-starter.ts";
import { deploymentReader, type Deployed } from "./triggers/deployed.ts";
import { closeLetters } from "./worker/settle-letters.ts";
import { checkUpgrade } from "./upgrade-check.ts";

export interface RunRetrierParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly starter: RunStarter;
  /** Goes on with a run until `reached` says that it has, or it stands. */
  readonly goOnUntil: (run: string, reached: (head: RunHead) => boolean) => Promise<void>;
}

const eventsPerPage = 1_000;

type Retry = Pick<Extract<InboxItem, { readonly kind: "retry" }>, "redo" | "parked" | "limits">;

/** Begins ended runs anew, whole or for one dead letter. What they have finished is never done again. */
export class RunRetrier {
  private readonly parts: RunRetrierParts;

  constructor(parts: RunRetrierParts) {
    this.parts = parts;
  }

  /** Everything that failed is done again, after the compensations that were parked. */
  async retry(
    run: string,
    { upgradeTo }: { readonly upgradeTo?: Plan } = {},
  ): Promise<Outcome<{ status: RunStatus }>> {
    const { store } = this.parts;
    const head = await store.head(run);
    if (head === null) return unknownRun(run);
    if (head.status !== "failed" && head.status !== "cancelled") {
      const message = `only a failed or cancelled run can be retried; ${run} is ${head.status}`;
      return refusal("conflict", message);
    }
    const letters = await store.deadLetters({ run, status: "open" });
    const parked = letters.flatMap(({ path }) => (isUndo(path) ? [path] : []));
    if (upgradeTo !== undefined) {
      const refused = await this.upgrade(head, upgradeTo, parked);
      if (refused !== null) return refused;
    }
    const refused = await this.parts.starter.checkResume(head);
    if (refused !== null) return refused;
    const planHash = upgradeTo?.hash ?? head.planHash;
    await this.begin(head, planHash, {
      ...(parked.length === 0 ? {} : { parked }),
      ...(upgradeTo === undefined ? {} : limitsOf(upgradeTo)),
    });
    const ids = letters.map(({ id }) => id);
    await closeLetters(store, ids, `run ${run} was retried`);
    return { ok: true, status: (await store.head(run))?.status ?? head.status };
  }

  /**
   * A run that was kept goes on in place, or starts as a new one if it is given another input; an item or a compensation
   * is done again within its run. What a trigger could not start is started.
   */
  async retryLetter(id: string, input?: Json): Promise<Outcome<{ run: string }>> {
    const { store } = this.parts;
    const letter = await store.deadLetter(id);
    if (letter?.status !== "open")
      return refusal("not_found", `there is no open dead letter ${id}`);
    const { run, path } = letter;
    if (run === "") return this.startTriggered(letter, input ?? letter.input);
    if (path === null && input !== undefined) return this.startAnew(letter, input);
    if (path === null) {
      if (await this.wasRetried(run)) {
        await this.close(id, run);
        await this.parts.goOnUntil(run, () => true);
        return { ok: true, run };
      }
      const retried = await this.retry(run);
      return retried.ok ? { ok: true, run } : retried;
    }
    const redo: Redo = {
      kind: isUndo(path) ? "undo" : "item",
      path,
      ...(input === undefined ? {} : { input }),
    };
    const refused = await this.redo(letter, redo);
    return refused ?? { ok: true, run };
  }

  /** By a process that ended before it could close the letter: only a run that has failed is kept. */
  private async wasRetried(run: string): Promise<boolean> {
    const head = await this.parts.store.head(run);
    return head !== null && head.status !== "failed" && head.status !== "cancelled";
  }

  private async redo({ id, run }: DeadLetter, redo: Redo): Promise<Refusal | null> {
    const { store, starter } = this.parts;
    const head = await store.head(run);
    if (head === null) return unknownRun(run);
    const { path } = redo;
    if (head.endedAtMs === null) {
      const message = `${path} is a part of run ${run}, which is ${head.status}; it can be retried when the run has ended`;
      return refusal("conflict", message);
    }
    const letters = await store.deadLetters({ run, status: "open", withoutItems: true });
    const parked = letters.find((letter) => isUndo(letter.path) && letter.path !== path);
    if (redo.kind === "item" && parked !== undefined) {
      const message = `${parked.path} was not taken back: retry or discard the dead letter ${parked.id} first`;
      return refusal("conflict", message);
    }
    const refused = await starter.checkResume(head);
    if (refused !== null) return refused;
    await this.begin(head, head.planHash, { redo });
    await this.close(id, run);
    if (redo.kind === "undo") return null;
    // The run begins anew with the item, so it is not kept as a whole any more; if it fails again, it is kept again.
    for (const letter of letters) if (letter.path === null) await this.close(letter.id, run);
    return null;
  }

  private async begin(head: RunHead, planHash: string, retry: Retry): Promise<void> {
    const { store, clock, newId, goOnUntil } = this.parts;
    const { run, seq } = head;
    await store.deliver({ id: newId(), run, atMs: clock.now(), kind: "retry", planHash, ...retry });
    await goOnUntil(run, (now) => now.seq > seq);
  }

  private async startAnew(letter: DeadLetter, input: Json): Promise<Outcome<{ run: string }>> {
    const { store, starter } = this.parts;
    const { id, run, flow } = letter;
    const head = await store.head(run);
    const plan = head === null ? null : await store.getPlan(head.planHash);
    if (plan === null) return unknownRun(run);
    // The key makes a second attempt after a crash find the run that the first one started.
    const idempotencyKey = `dead-letter/${id}`;
    const started = await starter.start({
      plan,
      flow,
      input: input as { readonly [param: string]: Json },
      idempotencyKey,
      trigger: { deadLetter: id, retries: run },
    });
    const known = started.ok ? started.run : await store.startedWith(idempotencyKey);
    if (known !== null) await store.closeDeadLetter(id, "retried", `run ${known} was started`);
    if (started.ok || known === null) return started;
    const message = `the dead letter ${id} was retried before, with another input: run ${known}`;
    return refusal("conflict", message);
  }

  /** By the program that is deployed now: it may have been mended since. */
  private async startTriggered(
    { id, flow }: DeadLetter,
    input: Json,
  ): Promise<Outcome<{ run: string }>> {
    const { store, starter, goOnUntil } = this.parts;
    const having = (await deploymentReader(store)()).filter(
      ({ plan }) => plan.program.flows[flow] !== undefined,
    );
    const isOwn = ({ deployment: { program } }: Deployed): boolean =>
      id.startsWith(`event/${program}/`) || id.startsWith(`tick/${program}/`);
    const deployed = having.find(isOwn) ?? having[0];
    if (deployed === undefined)
      return refusal("not_found", `no program that is deployed has the flow ${flow}`);
    if (typeof input !== "object" || input === null || Array.isArray(input))
      return refusal("invalid_input", `the input of flow ${flow} is a record of its parameters`);
    const prepared = await starter.prepare({
      deployed,
      flow,
      input: input as { readonly [param: string]: Json },
      trigger: { deadLetter: id },
      idempotencyKey: `dead-letter/${id}`,
      overlap: "queue",
      slots: [],
    });
    if (!prepared.ok) return prepared;
    const { run } = await store.createRun(prepared.run);
    await store.closeDeadLetter(id, "retried", `run ${run} was started`);
    await goOnUntil(run, () => true);
    return { ok: true, run };
  }

  private async upgrade(
    head: RunHead,
    plan: Plan,
    parked: readonly string[],
  ): Promise<Refusal | null> {
    const { store } = this.parts;
    const { run, flow, planHash } = head;
    if (parked.length > 0) {
      const message = `${parked.join(", ")} has to be taken back by the plan that did it: retry or discard its dead letter first`;
      return refusal("conflict", message);
    }
    const old = await store.getPlan(planHash);
    const refused =
      old === null ? null : checkUpgrade({ old, plan, flow, events: await this.deedsOf(run) });
    if (refused === null) await store.putPlan(plan);
    return refused;
  }

  /** What an upgrade has to look at, without the values: a history may be larger than memory. */
  private async deedsOf(run: string): Promise<readonly RunEvent[]> {
    const { store } = this.parts;
    const deeds: RunEvent[] = [];
    for (let afterSeq = 0; ;) {
      const page = await store.events(run, { afterSeq, limit: eventsPerPage });
      for (const event of page)
        if (event.kind === "activity.succeeded") deeds.push({ ...event, output: null });
        else if (event.kind === "activity.started") deeds.push(event);
      const last = page.at(-1);
      if (last === undefined) return deeds;
      afterSeq = last.seq;
    }
  }

  private async close(id: string, run: string): Promise<void> {
    await this.parts.store.closeDeadLetter(id, "retried", `run ${run} was retried`);
  }
}

function isUndo(path: string | null): path is string {
  return path?.endsWith("!undo") === true;
}

function refusal(code: string, message: string): Refusal {
  return { ok: false, code, message };
}

function unknownRun(run: string): Refusal {
  return refusal("not_found", `there is no run ${run}`);
}
