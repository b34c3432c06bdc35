import { compileExpression } from "../../plan/evaluate/compile-expression.ts";
import { namesOf, tryEvaluate } from "../../plan/evaluate/names.ts";
import type { Json } from "../../plan/expression.ts";
import type { Clock } from "../ports/clock.ts";
import type { DeadLetter } from "../ports/dead-letter.ts";
import type { Duty } from "../ports/duty.ts";
import type { StoredSchedule, StoredTick, TickStart } from "../ports/schedule-store.ts";
import type { Store } from "../ports/store.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { deploymentReader, triggersOf, type DeployedTrigger } from "./deployed.ts";
import { nextTick, planTicks } from "./plan-ticks.ts";
import type { ConfigOf, PrepareRun } from "./triggered-run.ts";

export interface CronParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly prepare: PrepareRun;
  readonly configOf: ConfigOf;
  /** Runs have something to do. */
  readonly notify: (run: string) => void;
}

type CronTrigger = DeployedTrigger<"cron">;

/** Fires the ticks of all schedules, each once. */
export function cronDuty(parts: CronParts): Duty {
  const { store, clock } = parts;
  const deployments = deploymentReader(store);

  async function turn(): Promise<number | null> {
    const schedules = await store.schedules.list();
    if (schedules.length === 0) return null;
    const triggers = new Map(
      (await deployments())
        .flatMap((deployed) => triggersOf(deployed, ["cron"]))
        .map((trigger) => [trigger.id, trigger]),
    );
    let nextMs: number | null = null;
    for (const schedule of schedules) {
      const trigger = triggers.get(schedule.id);
      // Between a deployment's steps a schedule may be without its trigger.
      if (trigger === undefined) continue;
      const at = await decide(schedule, trigger, parts);
      if (at !== null && (nextMs === null || at < nextMs)) nextMs = at;
    }
    return nextMs;
  }

  return {
    name: "cron",
    everyMs: 30_000,
    onNews: true,
    turn: () =>
      turn().catch((error) => {
        parts.telemetry.log({ level: "error", message: `cron: ${String(error)}` });
        return clock.now() + 1_000;
      }),
  };
}

/** Decides what is due of one schedule; gives when it is due next. */
async function decide(
  schedule: StoredSchedule,
  trigger: CronTrigger,
  parts: CronParts,
): Promise<number | null> {
  const { store, clock } = parts;
  const nowMs = clock.now();
  const due = planTicks(trigger.plan, {
    sinceMs: schedule.decidedUntilMs,
    nowMs,
    paused: schedule.paused,
  });
  if (due.starts.length > 0 || due.skips.length > 0) {
    const { starts, refused } = await prepareTicks(trigger, due.starts, parts);
    const ticks = await store.schedules.fire({
      schedule: schedule.id,
      decidedUntilMs: schedule.decidedUntilMs,
      untilMs: due.untilMs,
      starts,
      skips: [...due.skips, ...refused.map(({ atMs }) => ({ atMs, reason: "refused" }) as const)],
      deadLetters: refused,
    });
    report(ticks ?? [], parts);
  }
  return due.more ? nowMs : nextTick(trigger.plan, Math.max(nowMs, due.untilMs));
}

/** The runs of ticks, and a dead letter for each tick that can have none. */
export async function prepareTicks(
  trigger: CronTrigger,
  ticks: readonly number[],
  { prepare, configOf, telemetry }: Pick<CronParts, "prepare" | "configOf" | "telemetry">,
): Promise<{ readonly starts: TickStart[]; readonly refused: DeadLetter[] }> {
  const starts: TickStart[] = [];
  const refused: DeadLetter[] = [];
  const config = ticks.length === 0 ? {} : await configOf(trigger.deployed, trigger.flow);
  for (const atMs of ticks) {
    const { input, problem } = inputOf(trigger, atMs, config);
    const refusal = { ok: false, code: "invalid_input", message: problem ?? "" } as const;
    const request = {
      deployed: trigger.deployed,
      flow: trigger.flow,
      input,
      trigger: { cron: trigger.id, tick: timeText(atMs) },
      idempotencyKey: `tick/${trigger.id}/${atMs}`,
      overlap: trigger.plan.overlap,
      slots: [{ key: `schedule ${trigger.id}`, limit: 1 }],
    };
    const prepared = problem === null ? await prepare(request) : refusal;
    if (prepared.ok) {
      starts.push({ atMs, run: prepared.run });
      continue;
    }
    const { code, message } = prepared;
    telemetry.log({
      level: "error",
      message: `${trigger.id} can't start its tick ${timeText(atMs)}: ${message}`,
    });
    const flow = trigger.deployed.plan.program.flows[trigger.flow];
    refused.push({
      id: `tick/${trigger.id}/${atMs}`,
      run: "",
      flow: trigger.flow,
      queue: flow?.deadLetter ?? flow?.name ?? trigger.flow,
      path: null,
      input,
      errors: [{ code, message, step: flow?.name ?? trigger.flow, attempts: 0 }],
      atMs,
      status: "open",
    });
  }
  return { starts, refused };
}

/** What the trigger's `input` says; nothing else starts a tick's run with values. */
function inputOf(
  { plan, deployed }: CronTrigger,
  atMs: number,
  config: { readonly [name: string]: Json },
): { readonly input: { readonly [param: string]: Json }; readonly problem: string | null } {
  const event = { id: String(atMs), topic: "cron", time: timeText(atMs), data: null };
  const { schemas } = deployed.plan.program;
  const input: Record<string, Json> = {};
  const problems: string[] = [];
  for (const [name, expression] of Object.entries(plan.input ?? {})) {
    const value = tryEvaluate(compileExpression(expression, schemas), namesOf({ event }, config));
    if (value.ok) input[name] = value.value;
    else problems.push(`${name}: ${value.message}`);
  }
  return { input, problem: problems.length === 0 ? null : problems.join("; ") };
}

export function report(
  ticks: readonly StoredTick[],
  { telemetry, notify }: Pick<CronParts, "telemetry" | "notify">,
): void {
  for (const { schedule, atMs, outcome, reason, run } of ticks) {
    const message = outcome === "started" ? "started" : `was skipped (${reason})`;
    telemetry.log({ level: "info", message: `${schedule}: the tick ${timeText(atMs)} ${message}` });
    if (run !== null) notify(run);
  }
}

function timeText(atMs: number): string {
  return new Date(atMs).toISOString();
}
