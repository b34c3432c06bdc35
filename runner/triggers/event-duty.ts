import type { Json } from "../../plan/expression.ts";
import type { ReceivedEvent } from "../../plan/history.ts";
import type { Clock } from "../ports/clock.ts";
import type { DeadLetter } from "../ports/dead-letter.ts";
import type { Duty } from "../ports/duty.ts";
import type { Consumption, LoggedEvent, LogPosition } from "../ports/event-log.ts";
import type { NewRun } from "../ports/new-run.ts";
import type { Store } from "../ports/store.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { topicMatches } from "../ports/topic.ts";
import { deploymentReader, triggersOf, type DeployedTrigger } from "./deployed.ts";
import { isWanted, startFor } from "./event-start.ts";
import type { ConfigOf, PrepareRun } from "./triggered-run.ts";

export interface EventDutyParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly prepare: PrepareRun;
  readonly configOf: ConfigOf;
  /** Runs have something to do. */
  readonly notify: (run: string) => void;
  /** So many runs wait that events are left in the log for now. */
  readonly isFull: () => Promise<boolean>;
}

type EventTrigger = DeployedTrigger<"event">;

/** Reads for all triggers that take events one by one. */
export const sharedConsumer = "triggers";

const retryMs = 1_000;
/** Events looked at in one go. */
const pageSize = 200;

/**
 * Starts the runs that events ask for, in the order of the events: at least once, and with the key of each run exactly once.
 * Triggers that wait for several events, or for a pause, have a place in the log of their own.
 */
export function eventDuty(parts: EventDutyParts): Duty {
  const deployments = deploymentReader(parts.store);
  const reader = new TriggerReader(parts);
  return {
    name: "events",
    everyMs: 30_000,
    onNews: true,
    async turn() {
      try {
        if (await parts.isFull()) return parts.clock.now() + retryMs;
        return await reader.read(async () =>
          (await deployments()).flatMap((entry) => triggersOf(entry, ["event"])),
        );
      } catch (error) {
        reader.forget();
        parts.telemetry.log({ level: "error", message: `events: ${String(error)}` });
        return parts.clock.now() + retryMs;
      }
    },
  };
}

/** Reads the log for triggers, and remembers how far. */
class TriggerReader {
  private readonly parts: EventDutyParts;
  private readonly positions = new Map<string, LogPosition>();

  constructor(parts: EventDutyParts) {
    this.parts = parts;
  }

  /** Gives when there is something to do again, null when only a new event changes anything. */
  async read(deployed: () => Promise<readonly EventTrigger[]>): Promise<number | null> {
    const triggers = await deployed();
    const times = [await this.readSingly(triggers, deployed)];
    for (const trigger of triggers.filter(isGathering)) times.push(await this.gather(trigger));
    const due = times.filter((time) => time !== null);
    return due.length === 0 ? null : Math.min(...due);
  }

  forget(): void {
    this.positions.clear();
  }

  private async readSingly(
    known: readonly EventTrigger[],
    deployed: () => Promise<readonly EventTrigger[]>,
  ): Promise<number | null> {
    if (!(await this.isRead(known))) return null;
    const from = await this.position(sharedConsumer);
    const page = await this.parts.store.log.read(from, pageSize);
    const last = page.at(-1);
    if (last === undefined) return null;
    // A trigger that was there before an event gets it, also if it came after the last look.
    const triggers = (await deployed()).filter((trigger) => !isGathering(trigger));
    const pairs = page.flatMap(({ event }) =>
      triggers.filter((trigger) => fits(trigger, event)).map((trigger) => ({ trigger, event })),
    );
    const made = await runsOf(pairs, this.parts);
    await this.moveOn(sharedConsumer, { from, to: last.position, ...made });
    return page.length === pageSize ? this.parts.clock.now() : null;
  }

  /** Without a trigger, the place still moves on: events would be kept for it for ever, and reach the trigger of a later day. */
  private async isRead(triggers: readonly EventTrigger[]): Promise<boolean> {
    if (triggers.some((trigger) => !isGathering(trigger))) return true;
    return (await this.parts.store.log.consumers()).includes(sharedConsumer);
  }

  /** For `debounce` and `batch`. */
  private async gather(trigger: EventTrigger): Promise<number | null> {
    const { clock, store, configOf } = this.parts;
    const from = await this.position(trigger.id);
    const page = await store.log.read(from, pageSize);
    const config = page.length === 0 ? {} : await configOf(trigger.deployed, trigger.flow);
    const wanted = page.filter(
      ({ event }) => fits(trigger, event) && isWanted(trigger, event, config),
    );
    if (wanted.length === 0) {
      const last = page.at(-1);
      if (last === undefined) return null;
      await this.moveOn(trigger.id, { from, to: last.position, starts: [], deadLetters: [] });
      return page.length === pageSize ? clock.now() : null;
    }
    const ready = readyEvents(trigger, wanted, clock.now());
    if (ready.kind === "later") return ready.atMs;
    const { where: _, ...plan } = trigger.plan;
    const made = await runsOf([{ trigger: { ...trigger, plan }, event: ready.event }], this.parts);
    await this.moveOn(trigger.id, { from, to: ready.to, ...made });
    return clock.now();
  }

  private async position(consumer: string): Promise<LogPosition> {
    const known = this.positions.get(consumer) ?? (await this.parts.store.log.subscribe(consumer));
    this.positions.set(consumer, known);
    return known;
  }

  private async moveOn(consumer: string, step: Omit<Consumption, "consumer">): Promise<void> {
    const created = await this.parts.store.log.consume({ consumer, ...step });
    // Null: somebody else has read on meanwhile.
    if (created === null) this.positions.delete(consumer);
    else this.positions.set(consumer, step.to);
    for (const [index, { run, existing, skipped }] of (created ?? []).entries()) {
      if (skipped === true) this.tellSkipped(step.starts[index]);
      else if (!existing) this.parts.notify(run);
    }
  }

  private tellSkipped(start: NewRun | undefined): void {
    const flow = start?.flow ?? "a flow";
    this.parts.telemetry.log({
      level: "info",
      message: `an event starts no run of ${flow}: one goes on already, and its trigger says \`overlap: "skip"\``,
      fields: { flow },
    });
  }
}

/** Whether it waits for several events, or for a pause, and so has a place of its own. */
export function isGathering({ plan }: EventTrigger): boolean {
  return plan.debounceMs !== undefined || plan.batch !== undefined;
}

function fits({ plan }: EventTrigger, event: ReceivedEvent): boolean {
  return topicMatches(plan.topic, event.topic);
}

type Ready =
  | { readonly kind: "later"; readonly atMs: number }
  | { readonly kind: "now"; readonly event: ReceivedEvent; readonly to: LogPosition };

/** What a gathering trigger makes of the events it wants, of which there is at least one. */
export function readyEvents(
  { plan }: EventTrigger,
  wanted: readonly LoggedEvent[],
  nowMs: number,
): Ready {
  const { debounceMs, batch } = plan;
  const [first] = wanted;
  const last = wanted.at(-1);
  if (first === undefined || last === undefined) return { kind: "later", atMs: nowMs };
  if (debounceMs !== undefined) {
    const gap = wanted.findIndex((entry, index) => {
      const next = wanted[index + 1];
      return next !== undefined && next.atMs - entry.atMs >= debounceMs;
    });
    const chosen = gap < 0 ? last : (wanted[gap] ?? last);
    const atMs = chosen.atMs + debounceMs;
    if (chosen === last && atMs > nowMs) return { kind: "later", atMs };
    return { kind: "now", event: chosen.event, to: chosen.position };
  }
  const { size = 1, withinMs = 0 } = batch ?? {};
  const dueAtMs = first.atMs + withinMs;
  if (wanted.length < size && dueAtMs > nowMs) return { kind: "later", atMs: dueAtMs };
  const members = wanted.slice(0, size);
  const end = members.at(-1) ?? last;
  const data: Json = members.map(({ event }) => event.data);
  return { kind: "now", event: { ...end.event, data }, to: end.position };
}

/** Runs to be created, and a dead letter for each event that does not fit its flow. */
async function runsOf(
  pairs: readonly { readonly trigger: EventTrigger; readonly event: ReceivedEvent }[],
  { prepare, configOf, clock, telemetry }: EventDutyParts,
): Promise<{ readonly starts: readonly NewRun[]; readonly deadLetters: readonly DeadLetter[] }> {
  const starts: NewRun[] = [];
  const deadLetters: DeadLetter[] = [];
  for (const { trigger, event } of pairs) {
    const wanted = startFor(trigger, event, await configOf(trigger.deployed, trigger.flow));
    if (wanted.kind === "other") continue;
    const prepared =
      wanted.kind === "misfit"
        ? { ok: false as const, code: "invalid_input", message: wanted.message }
        : await prepare(wanted.run);
    if (prepared.ok) {
      starts.push(prepared.run);
      continue;
    }
    const { code, message } = prepared;
    const flow = trigger.deployed.plan.program.flows[trigger.flow];
    const name = flow?.name ?? trigger.flow;
    telemetry.log({
      level: "error",
      message: `${trigger.id} can't start ${name} for event ${event.id}: ${message}`,
    });
    deadLetters.push({
      id: `event/${trigger.id}/${event.id}`,
      run: "",
      flow: trigger.flow,
      queue: flow?.deadLetter ?? name,
      path: null,
      input: wanted.kind === "misfit" ? wanted.input : wanted.run.input,
      errors: [{ code, message, step: name, attempts: 0 }],
      atMs: clock.now(),
      status: "open",
    });
  }
  return { starts, deadLetters };
}
