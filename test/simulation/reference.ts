/**
 * The language as plainly as possible: recursive, nothing durable, nothing side by side. Says what a run of a plan must
 * give when only tools whose outcome follows from their arguments are called.
 */

import { compileExpression } from "../../plan/evaluate/compile-expression.ts";
import { equal } from "../../plan/evaluate/equality.ts";
import type { Evaluator, Names } from "../../plan/evaluate/names.ts";
import type { Expression, Json } from "../../plan/expression.ts";
import type {
  ActionPlan,
  BlockPlan,
  CallPlan,
  ForPlan,
  Plan,
  RepeatPlan,
  StepPlan,
} from "../../plan/plan.ts";
import { blocksOf } from "../../plan/walk-plan.ts";
import { agentOutcome, eventData } from "./cast.ts";

export type Outcome =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly code: string };

/** What a tool gives on its last try. */
export type Tool = (name: string, x: Json) => Outcome;

class Failed extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

interface Env {
  readonly values: Map<string, Json>;
  readonly lets: ReadonlyMap<string, Expression>;
  readonly outer: Env | null;
}

export function interpret(
  plan: Plan,
  options: {
    readonly flow: string;
    readonly input: { readonly [param: string]: Json };
    readonly tool: Tool;
    /** What the flow's states hold before the run, if not their initial value. */
    readonly states?: { readonly [name: string]: Json };
  },
): Outcome {
  return attempt(() =>
    new Interpreter(plan, options.tool).flow(options.flow, options.input, options.states),
  );
}

function attempt(work: () => Json): Outcome {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    if (error instanceof Failed) return { ok: false, code: error.code };
    throw error;
  }
}

class Interpreter {
  readonly evaluators = new Map<Expression, Evaluator>();
  readonly plan: Plan;
  readonly tool: Tool;

  constructor(plan: Plan, tool: Tool) {
    this.plan = plan;
    this.tool = tool;
  }

  flow(
    id: string,
    args: { readonly [param: string]: Json },
    states: { readonly [name: string]: Json } = {},
  ): Json {
    const flow = this.plan.program.flows[id];
    if (flow === undefined) throw new Failed("not_found");
    const env: Env = { values: new Map(Object.entries(args)), lets: new Map(), outer: null };
    for (const state of flow.states)
      env.values.set(state.name, states[state.name] ?? this.evaluate(state.initial, env));
    const result = attempt(() => this.block(flow.body, env));
    if (result.ok) return result.value;
    if (flow.fallback === undefined) throw new Failed(result.code);
    return this.block(flow.fallback, env);
  }

  evaluate(expression: Expression, env: Env): Json {
    const names: Names = { lookup: (name) => this.lookup(name, env), config: () => undefined };
    const known =
      this.evaluators.get(expression) ?? compileExpression(expression, this.plan.program.schemas);
    this.evaluators.set(expression, known);
    return known(names);
  }

  lookup(name: string, env: Env): Json | undefined {
    for (let at: Env | null = env; at !== null; at = at.outer) {
      const value = at.values.get(name);
      if (value !== undefined) return value;
      const entry = at.lets.get(name);
      if (entry !== undefined) return this.evaluate(entry, at);
    }
    return undefined;
  }

  block(block: BlockPlan, outer: Env, values: readonly (readonly [string, Json])[] = []): Json {
    const env: Env = {
      values: new Map(values),
      lets: new Map(block.lets.map((entry) => [entry.name, entry.value])),
      outer,
    };
    const left = [...block.steps];
    const own = new Set(left.map((step) => step.name));
    while (left.length > 0) {
      const at = left.findIndex((step) =>
        [...mentioned(step)].every((name) => !own.has(name) || env.values.has(name)),
      );
      const [step] = left.splice(at, 1);
      if (step === undefined) throw new Failed("internal");
      env.values.set(step.name, this.action(step.action, env));
    }
    return block.output === null ? null : this.evaluate(block.output, env);
  }

  action(action: ActionPlan, env: Env): Json {
    if (action.kind === "value") return this.evaluate(action.value, env);
    if (action.kind === "if") {
      if (this.evaluate(action.test, env) === true) return this.block(action.then, env);
      return action.else === null ? null : this.block(action.else, env);
    }
    if (action.kind === "match") {
      const subject = this.evaluate(action.subject, env);
      const arm = action.arms.find(
        ({ values }) => values.length === 0 || values.some((value) => equal(value, subject)),
      );
      return arm === undefined ? null : this.block(arm.block, env);
    }
    const result = attempt(() => this.guarded(action, env));
    if (result.ok) return result.value;
    if (action.fallback === undefined) throw new Failed(result.code);
    return this.block(action.fallback, env, [["error", { code: result.code }]]);
  }

  guarded(
    action: Exclude<ActionPlan, { readonly kind: "value" | "if" | "match" }>,
    env: Env,
  ): Json {
    switch (action.kind) {
      case "call":
        return this.call(action, env);
      case "for":
        return this.for(action, env);
      case "repeat":
        return this.repeat(action, env);
      case "race":
        return this.race(action.body, env);
    }
  }

  call(call: CallPlan, env: Env): Json {
    const args = Object.fromEntries(
      Object.entries(call.arguments).map(([name, value]) => [name, this.evaluate(value, env)]),
    );
    switch (call.callee.kind) {
      case "tool":
        return given(this.tool(call.callee.name, args["x"] ?? null));
      case "flow":
        return this.flow(call.callee.name, args);
      case "agent": {
        const { name: agentName } = call.callee;
        const tokens = call.budget?.tokens;
        const budget = tokens === undefined ? null : Number(this.evaluate(tokens, env));
        return given(agentOutcome({ name: agentName, x: args["x"] ?? null, budget }, this.tool));
      }
      case "receive":
        return eventData(String(args["topic"]));
      case "fail":
        throw new Failed(String(args["code"]));
      default:
        return null;
    }
  }

  race(body: BlockPlan, outer: Env): Json {
    const env: Env = { values: new Map(), lets: new Map(), outer };
    const results = body.steps.map((step) => attempt(() => this.action(step.action, env)));
    const winner = results.find((result) => result.ok);
    return given(winner ?? results[0] ?? { ok: false, code: "internal" });
  }

  for(action: ForPlan, env: Env): Json {
    const items = this.evaluate(action.list, env) as readonly Json[];
    const inItem = (item: Json): Env => ({
      values: new Map([[action.variable, item]]),
      lets: new Map(),
      outer: env,
    });
    const keys = items.map((item, index) =>
      action.key === undefined ? String(index) : String(this.evaluate(action.key, inItem(item))),
    );
    const needs = items.map((item) =>
      action.needs === undefined
        ? []
        : (this.evaluate(action.needs, inItem(item)) as readonly string[]),
    );
    const results = new Map<string, Outcome>();
    const settle = (key: string): Outcome => {
      const known = results.get(key);
      if (known !== undefined) return known;
      const at = keys.indexOf(key);
      const upstream = (needs[at] ?? []).map(settle);
      const failed = upstream.some((result) => !result.ok);
      const values = upstream.map((result) => (result.ok ? result.value : null));
      const result: Outcome = failed
        ? { ok: false, code: "upstream_failed" }
        : attempt(() =>
            this.block(action.body, env, [
              [action.variable, items[at] ?? null],
              ["upstream", values],
            ]),
          );
      results.set(key, result);
      return result;
    };
    const outcomes = keys.map(settle);
    const ok = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
    if (action.tolerate === undefined) {
      const failure = outcomes.find((outcome) => !outcome.ok);
      return failure === undefined ? ok : given(failure);
    }
    const allowed =
      "count" in action.tolerate
        ? (this.evaluate(action.tolerate.count, env) as number)
        : Math.floor(action.tolerate.fraction * items.length);
    if (outcomes.length - ok.length > allowed) throw new Failed("upstream_failed");
    const failed = outcomes.flatMap((outcome, index): Json[] =>
      outcome.ok
        ? []
        : [
            {
              key: keys[index] ?? "",
              item: items[index] ?? null,
              index,
              error: { code: outcome.code },
            },
          ],
    );
    return { ok, failed };
  }

  repeat(action: RepeatPlan, env: Env): Json {
    const rounds = this.evaluate(action.maxRounds, env) as number;
    let previous: Json = null;
    for (let round = 1; round <= rounds; round += 1) {
      const before = previous;
      previous = this.block(action.body, env, [["previous", before]]);
      const inRound: Env = {
        values: new Map<string, Json>([["previous", before]]),
        lets: new Map(),
        outer: env,
      };
      if (this.evaluate(action.until, inRound) === true) return previous;
    }
    if (action.exhausted === "fail") throw new Failed("exhausted");
    return previous;
  }
}

/** All steps mentioned in a step, at whatever depth: without doing things side by side, they all have to come first. */
function* mentioned(step: StepPlan): Generator<string> {
  yield* step.waits;
  for (const inner of blocksOf(step.action)) {
    yield* inner.outputWaits;
    for (const entry of inner.steps) yield* mentioned(entry);
  }
}

function given(outcome: Outcome): Json {
  if (outcome.ok) return outcome.value;
  throw new Failed(outcome.code);
}
