import { assert } from "../../base/assert.ts";
import type { Program, RatePlan } from "../../plan/plan.ts";
import type { Activity } from "../engine/activity.ts";
import { createCircuitBreaker, type CircuitBreaker } from "../policy/circuit-breaker.ts";
import { createGate, type Gate } from "../policy/gate.ts";
import { sharedGate } from "../policy/shared-gate.ts";
import type { Clock } from "../ports/clock.ts";
import type { PermitStore, SharedLimit } from "../ports/permit-store.ts";

/** Rates, concurrency and circuit breakers of models, agents and tools: one set for all runs of the process. */
export interface Limits {
  /** What an activity of a run has to pass; nothing for most. */
  gatesFor(program: Program, activity: Activity, run: string): readonly Gate[];
  breakerFor(program: Program, activity: Activity): CircuitBreaker | undefined;
  /** The circuit breakers that have been met so far, and whether they refuse calls. */
  breakers(): readonly { readonly name: string; readonly open: boolean }[];
}

export interface SharedLimits {
  readonly permits: PermitStore;
  /** Of this process. */
  readonly session: () => string;
  readonly onFault: (error: unknown) => void;
}

const noGates: readonly Gate[] = [];

export interface LimitOptions {
  /** Limits of programs hold for all processes of a store; without it, within this one. */
  readonly shared?: SharedLimits;
  /** Requests to models under way at once in this process, whatever programs say; null: any number. */
  readonly modelCalls?: number | null;
}

export function createLimits(
  clock: Clock,
  { shared, modelCalls = null }: LimitOptions = {},
): Limits {
  const allModels = modelCalls === null ? [] : [createGate({ concurrency: modelCalls }, clock)];
  const gates = new Map<string, Gate>();
  const breakers = new Map<string, CircuitBreaker>();
  // Places are not held by run and path alone: who takes a run over must not inherit one that goes with the process that died, nor may
  // a process that has lost the run give back that of the one that has it now.
  let passed = 0;
  /** Names whose limits are known to be none, so that the usual call costs one look-up. */
  const free = new Map<Program, Set<string>>();

  function gate(key: string, plan: Parameters<typeof createGate>[0] | undefined): Gate | undefined {
    if (plan === undefined || (plan.rate === undefined && plan.concurrency === undefined))
      return undefined;
    const full = `${key} ${JSON.stringify([plan.rate ?? null, plan.concurrency ?? null])}`;
    const found = gates.get(full) ?? createGate(plan, clock);
    gates.set(full, found);
    return found;
  }

  function gatesOf(program: Program, activity: Activity, run: string): readonly Gate[] {
    // Who waits for a place of this process should not hold one that all share.
    const gates = limitGatesOf(program, activity, run);
    return activity.kind === "model" ? [...allModels, ...gates] : gates;
  }

  function limitGatesOf(program: Program, activity: Activity, run: string): readonly Gate[] {
    const limited = limitsOn(program, activity);
    const own = limited
      .map(({ key, plan }) => gate(key, plan))
      .filter((entry) => entry !== undefined);
    if (own.length === 0 || shared === undefined) return own;
    const limits = limited.flatMap(({ key, plan }) => toShared(key, plan));
    const session = shared.session();
    const holder = `${session}/${(passed += 1)}/${run}/${activity.path}`;
    return [...own, sharedGate({ ...shared, session, holder, limits, clock })];
  }

  return {
    gatesFor(program, activity, run) {
      if (activity.kind !== "model" && activity.kind !== "tool") return noGates;
      const name =
        activity.kind === "model" ? `${activity.callee} ${activity.model}` : activity.tool;
      const known = free.get(program) ?? new Set();
      free.set(program, known);
      if (known.has(name)) return noGates;
      const found = gatesOf(program, activity, run);
      if (found.length === 0) known.add(name);
      return found;
    },
    breakerFor(program, activity) {
      if (activity.kind !== "model" && activity.kind !== "tool") return undefined;
      const name = activity.kind === "model" ? activity.model : activity.tool;
      const plan =
        activity.kind === "model" ? program.models[name]?.circuit : program.tools[name]?.circuit;
      if (plan === undefined) return undefined;
      const key = `${activity.kind} ${name} ${JSON.stringify(plan)}`;
      const found = breakers.get(key) ?? createCircuitBreaker(plan);
      breakers.set(key, found);
      return found;
    },
    breakers: () =>
      [...breakers].map(([key, breaker]) => ({
        name: key.replace(/ \{.*$/s, ""),
        open: breaker.openForMs(clock.now()) > 0,
      })),
  };
}

type Limited = { readonly rate?: RatePlan; readonly concurrency?: number };

function limitsOn(
  program: Program,
  activity: Activity,
): readonly { readonly key: string; readonly plan: Limited | undefined }[] {
  if (activity.kind === "model") {
    const plan = program.models[activity.model];
    // Programs that ask the same model of a provider share what it allows.
    const key = plan === undefined ? activity.model : `${plan.provider} ${plan.model}`;
    return [
      { key: `agent ${activity.callee}`, plan: program.agents[activity.callee] },
      { key: `model ${key}`, plan },
    ];
  }
  if (activity.kind !== "tool") return [];
  return [{ key: `tool ${activity.tool}`, plan: program.tools[activity.tool] }];
}

function toShared(key: string, plan: Limited | undefined): readonly SharedLimit[] {
  const { rate = null, concurrency: atOnce = null } = plan ?? {};
  return rate === null && atOnce === null ? [] : [{ key, atOnce, rate }];
}

/** The way of one activity through its gates, one after the other. */
export interface Passage {
  readonly passed: boolean;
  /** Whether what has passed may begin now. */
  isFresh(): boolean;
  /** Calls back when what took too long to begin may begin. Gives the way to stop waiting. */
  again(go: () => void): () => void;
  /** Leaves the gates behind it, and stops waiting at the one before it. */
  leave(): void;
}

export function passThrough(gates: readonly Gate[], onPassed: () => void): Passage {
  const stops: (() => void)[] = [];
  let at = 0;
  let left = false;

  function next(): void {
    const gate = gates[at];
    if (gate === undefined) {
      onPassed();
      return;
    }
    stops[at] = gate.enter(() => {
      at += 1;
      if (left) gate.leave();
      else next();
    });
  }
  next();

  return {
    get passed() {
      return at === gates.length;
    },
    isFresh: () => gates.every(isFresh),
    again(go) {
      let stop = (): void => undefined;
      const ask = (): void => {
        const stale = gates.find((gate) => !isFresh(gate));
        if (stale?.again === undefined) go();
        else stop = stale.again(ask);
      };
      ask();
      return () => stop();
    },
    leave() {
      assert(!left, "an activity left its gates twice");
      left = true;
      stops[at]?.();
      for (let index = 0; index < at; index += 1) gates[index]?.leave();
    },
  };
}

function isFresh(gate: Gate): boolean {
  return gate.isFresh?.() ?? true;
}
