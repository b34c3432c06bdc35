import { assert } from "../../base/assert.ts";
import type { CircuitPlan, Program, RatePlan } from "../../plan/plan.ts";
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
  /** The same for a request for the place of a text, whose model may be none of the program's (null). */
  gatesOfEmbedding(
    program: Program,
    request: { readonly model: string | null; readonly run: string; readonly path: string },
  ): readonly Gate[];
  breakerOfModel(program: Program, model: string): CircuitBreaker | undefined;
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
  const { breakers, breakerOf } = breakerShelf();
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
    const gates = limitGatesOf(limitsOn(program, activity), `${run}/${activity.path}`);
    return activity.kind === "model" ? [...allModels, ...gates] : gates;
  }

  function limitGatesOf(limited: readonly LimitOn[], who: string): readonly Gate[] {
    const own = limited
      .map(({ key, plan }) => gate(key, plan))
      .filter((entry) => entry !== undefined);
    if (own.length === 0 || shared === undefined) return own;
    const limits = limited.flatMap(({ key, plan }) => toShared(key, plan));
    const session = shared.session();
    const holder = `${session}/${(passed += 1)}/${who}`;
    return [...own, sharedGate({ ...shared, session, holder, limits, clock })];
  }

  return {
    gatesOfEmbedding(program, { model, run, path }) {
      const limited = model === null ? [] : [limitOnModel(program, model)];
      return [...allModels, ...limitGatesOf(limited, `${run}/${path}`)];
    },
    breakerOfModel: (program, model) => breakerOf(`model ${model}`, program.models[model]?.circuit),
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
      return breakerOf(`${activity.kind} ${name}`, plan);
    },
    breakers: () =>
      [...breakers].map(([key, breaker]) => ({
        name: key.replace(/ \{.*$/s, ""),
        open: breaker.openForMs(clock.now()) > 0,
      })),
  };
}

function breakerShelf() {
  const breakers = new Map<string, CircuitBreaker>();
  const breakerOf = (key: string, plan: CircuitPlan | undefined): CircuitBreaker | undefined => {
    if (plan === undefined) return undefined;
    const full = `${key} ${JSON.stringify(plan)}`;
    const found = breakers.get(full) ?? createCircuitBreaker(plan);
    breakers.set(full, found);
    return found;
  };
  return { breakers, breakerOf };
}

type Limited = { readonly rate?: RatePlan; readonly concurrency?: number };

interface LimitOn {
  readonly key: string;
  readonly plan: Limited | undefined;
}

function limitOnModel(program: Program, model: string): LimitOn {
  const plan = program.models[model];
  // Programs that ask the same model of a provider share what it allows.
  return { key: `model ${plan === undefined ? model : `${plan.provider} ${plan.model}`}`, plan };
}

function limitsOn(program: Program, activity: Activity): readonly LimitOn[] {
  if (activity.kind === "model")
    return [
      { key: `agent ${activity.callee}`, plan: program.agents[activity.callee] },
      limitOnModel(program, activity.model),
    ];
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
