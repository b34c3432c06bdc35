/** Random plans of all constructs. Their results do not depend on who is faster, so a plain interpreter can foretell them. */

import type { Expression } from "../../plan/expression.ts";
import type {
  ActionPlan,
  BlockPlan,
  CallPlan,
  Plan,
  StatePlan,
  StepPlan,
  ToolPlan,
} from "../../plan/plan.ts";
import {
  add,
  atLeast,
  block,
  call,
  callTool,
  field,
  flow,
  list,
  name,
  param,
  plan,
  record,
  retry,
  solo,
  step,
  text,
  tool,
  value,
} from "./plan-builder.ts";
import { agentCall, castAgents, castModels, castSchemas, castTools } from "./cast.ts";
import type { Random } from "./random.ts";

/** How a step's value is read as a whole number. */
type Shape = "int" | "list" | "tolerated" | "optional";

interface Seen {
  readonly name: string;
  readonly shape: Shape;
}

interface Place {
  /** Names that a step may mention: those of its own block are waited for, those of outer blocks too. */
  readonly seen: readonly Seen[];
  /** Parameters and variables: mentioned without waiting. */
  readonly given: readonly string[];
  readonly depth: number;
  /** Flows that may be called. */
  readonly flows: readonly string[];
}

export const tools: { readonly [name: string]: ToolPlan } = {
  /** Always x + 1. */
  plus: tool(),
  /** Fails on its first two tries. */
  flaky: tool({ effect: "write", idempotency: true, retry: retry(3, { fromMs: 100, toMs: 400 }) }),
  /** Fails for every third x. */
  picky: tool({ effect: "write", idempotency: true }),
  /** Must not be repeated after a crash. */
  once: tool({ effect: "send", restart: false }),
  undo: tool({ effect: "write", idempotency: true, retry: retry(3, { fromMs: 100, toMs: 400 }) }),
  ...castTools,
};

/** Counts over runs: a run that succeeds adds its parameter. */
export const total: StatePlan = {
  name: "total",
  schema: "any",
  initial: value(0),
  per: value("all"),
  next: add(name("total"), add(name("p"), value(1))),
};

export function randomPlan(random: Random, options: { readonly once?: boolean } = {}): Plan {
  const maker = new Maker(random, options.once ?? true);
  const flows: { [id: string]: ReturnType<typeof flow> } = {};
  const names: string[] = [];
  const count = 1 + random.below(3);
  for (let index = 0; index < count; index += 1) {
    const id = index === count - 1 ? "main" : `inner${index}`;
    maker.count = 0;
    const keepsState = id === "main" && random.chance(0.3);
    const given = keepsState ? ["p", "total"] : ["p"];
    const body = maker.block({ seen: [], given, depth: 3, flows: [...names] });
    flows[id] = flow(id, body, {
      params: [param("p")],
      ...(keepsState ? { states: [total] } : {}),
      // Without a draw, so that seeds give the plans they gave before.
      ...(maker.count % 2 === 0 && id !== "main" ? { concurrency: { limit: 1 } } : {}),
      ...(random.chance(0.25) ? { fallback: block([], value(-1)) } : {}),
    });
    names.push(id);
  }
  const { main, ...rest } = flows;
  return plan({
    flows: main === undefined ? rest : { main, ...rest },
    tools,
    agents: castAgents,
    models: castModels,
    schemas: castSchemas,
  });
}

class Maker {
  readonly random: Random;
  readonly once: boolean;
  count = 0;

  constructor(random: Random, once: boolean) {
    this.random = random;
    this.once = once;
  }

  fresh(): string {
    this.count += 1;
    return `s${this.count}`;
  }

  block(place: Place): BlockPlan {
    const { random } = this;
    if (place.depth <= 2 && random.chance(0.2)) return this.solo(place);
    const steps: StepPlan[] = [];
    const seen: Seen[] = [];
    const size = 1 + random.below(4);
    for (let index = 0; index < size; index += 1) {
      const stepName = this.fresh();
      const here = { ...place, seen: [...place.seen, ...seen] };
      const { action, waits, shape } = this.action(here, stepName);
      const after = seen.length > 0 && random.chance(0.15) ? [random.pick(seen).name] : [];
      steps.push(step(stepName, action, [...new Set([...waits, ...after])]));
      seen.push({ name: stepName, shape });
    }
    const lets =
      random.chance(0.3) && seen[0] !== undefined
        ? [{ name: `l${this.fresh()}`, value: add(readInt(seen[0]), value(1)) }]
        : [];
    const mentioned = seen.map(readInt).concat(lets.map((entry) => name(entry.name)));
    const outside = place.seen.length > 0 && random.chance(0.2) ? [random.pick(place.seen)] : [];
    const output = [...mentioned, ...outside.map(readInt)].reduce(
      (sum, entry) => add(sum, entry),
      value(0),
    );
    return block(random.chance(0.5) ? steps : [...steps].reverse(), output, {
      lets,
      outputWaits: outside.map((entry) => entry.name),
    });
  }

  solo(place: Place): BlockPlan {
    const { expression, waits } = this.int(place);
    return solo(callTool(this.toolName(), expression), waits);
  }

  toolName(): string {
    const names = ["plus", "plus", "plus", "flaky", "picky"];
    return this.random.pick(this.once ? [...names, "once"] : names);
  }

  /** An expression of a whole number, and the steps it mentions. */
  int(place: Place): { readonly expression: Expression; readonly waits: readonly string[] } {
    const { random } = this;
    const constant = value(random.below(7));
    if (place.seen.length > 0 && random.chance(0.6)) {
      const seen = random.pick(place.seen);
      return {
        expression: random.chance(0.5) ? readInt(seen) : add(readInt(seen), constant),
        waits: [seen.name],
      };
    }
    if (place.given.length > 0 && random.chance(0.6))
      return { expression: add(name(random.pick(place.given)), constant), waits: [] };
    return { expression: constant, waits: [] };
  }

  action(
    place: Place,
    stepName: string,
  ): { readonly action: ActionPlan; readonly waits: readonly string[]; readonly shape: Shape } {
    const kinds =
      place.depth === 0
        ? ["tool", "tool", "agent", "value"]
        : [
            "agent",
            "agent",
            "receive",
            "emit",
            "tool",
            "tool",
            "tool",
            "value",
            "if",
            "match",
            "for",
            "for",
            "repeat",
            "race",
            "flow",
            "sleep",
            "graph",
          ];
    const kind = this.random.pick(kinds);
    const inner = { ...place, depth: place.depth - 1 };
    const head = this.int(place);
    switch (kind) {
      case "value":
        return {
          action: { kind: "value", value: head.expression },
          waits: head.waits,
          shape: "int",
        };
      case "if":
        return this.if(inner, head);
      case "match":
        return { action: this.match(inner, head.expression), waits: head.waits, shape: "int" };
      case "for":
        return this.for(inner, head);
      case "graph":
        return this.graph(head.waits);
      case "repeat":
        return this.repeat(inner);
      case "race":
        return { action: this.race(head, stepName), waits: [], shape: "int" };
      case "agent":
      case "receive":
      case "emit":
        return {
          action: this.outside(kind, head.expression, stepName),
          waits: head.waits,
          shape: "int",
        };
      case "sleep":
        return { action: this.sleep(head.expression, stepName), waits: head.waits, shape: "int" };
      case "flow":
        return this.flowCall(place, head);
      default:
        return {
          action: this.toolCall(head.expression, stepName),
          waits: head.waits,
          shape: "int",
        };
    }
  }

  match(inner: Place, subject: Expression): ActionPlan {
    return {
      kind: "match",
      subject,
      arms: [
        { values: [1, 2, 3], block: this.block(inner) },
        { values: [], block: this.block(inner) },
      ],
    };
  }

  race(
    head: { readonly expression: Expression; readonly waits: readonly string[] },
    stepName: string,
  ): ActionPlan {
    const racers = ["never", "plus"].map((toolName, index) =>
      step(`${stepName}${index}`, this.racer(head.expression, toolName), head.waits),
    );
    return { kind: "race", body: block(racers), fallback: block([], value(-2)) };
  }

  sleep(x: Expression, stepName: string): ActionPlan {
    const fail = call({ kind: "fail" }, { code: value("boom"), message: value("no") });
    const rest = block(
      [step(`${stepName}z`, call({ kind: "sleep" }, { for: value(50) }))],
      value(1),
    );
    return {
      kind: "if",
      test: { op: "equal", left: x, right: value(-99) },
      then: solo(fail),
      else: rest,
    };
  }

  outside(kind: "agent" | "receive" | "emit", x: Expression, stepName: string): ActionPlan {
    const fallback = this.random.chance(0.2) ? { fallback: block([], value(-5)) } : {};
    switch (kind) {
      case "agent":
        return agentCall(this.random, x, { ...fallback, ...this.undo(stepName) });
      case "receive":
        return call(
          { kind: "receive" },
          { topic: text("wanted=", x) },
          { timeoutMs: value(300_000) },
        );
      case "emit": {
        const emit = call({ kind: "emit" }, { topic: value("told"), data: x });
        const body = block([step(`${stepName}e`, emit)], value(2));
        const always: Expression = { op: "equal", left: x, right: x };
        return { kind: "if", test: always, then: body, else: body };
      }
    }
  }

  if(
    inner: Place,
    head: { readonly expression: Expression; readonly waits: readonly string[] },
  ): { readonly action: ActionPlan; readonly waits: readonly string[]; readonly shape: Shape } {
    const otherwise = this.random.chance(0.5) ? this.block(inner) : null;
    const test: Expression = { op: "greater", left: head.expression, right: value(3), as: "int" };
    return {
      action: { kind: "if", test, then: this.block(inner), else: otherwise },
      waits: head.waits,
      shape: otherwise === null ? "optional" : "int",
    };
  }

  racer(x: Expression, toolName: string): CallPlan {
    return toolName === "never"
      ? call({ kind: "fail" }, { code: value("boom"), message: value("lost") })
      : callTool(this.random.chance(0.8) ? "plus" : "picky", x, this.undo(""));
  }

  toolCall(x: Expression, stepName: string): CallPlan {
    const fallback = this.random.chance(0.2) ? { fallback: block([], value(-3)) } : {};
    return callTool(this.toolName(), x, { ...fallback, ...this.undo(stepName) });
  }

  undo(stepName: string): Partial<CallPlan> {
    return stepName !== "" && this.random.chance(0.5)
      ? { undo: callTool("undo", name(stepName)) }
      : {};
  }

  flowCall(
    place: Place,
    head: { readonly expression: Expression; readonly waits: readonly string[] },
  ): { readonly action: ActionPlan; readonly waits: readonly string[]; readonly shape: Shape } {
    if (place.flows.length === 0)
      return { action: callTool("plus", head.expression), waits: head.waits, shape: "int" };
    const more = this.random.chance(0.3)
      ? { fallback: block([], value(-4)) }
      : this.random.chance(0.2)
        ? { retry: retry(2, { fromMs: 50, toMs: 50, retryOn: ["boom"] }) }
        : {};
    return {
      action: call(
        { kind: "flow", name: this.random.pick(place.flows) },
        { p: head.expression },
        more,
      ),
      waits: head.waits,
      shape: "int",
    };
  }

  for(
    inner: Place,
    head: { readonly expression: Expression; readonly waits: readonly string[] },
  ): { readonly action: ActionPlan; readonly waits: readonly string[]; readonly shape: Shape } {
    const variable = `v${this.fresh()}`;
    const items = Array.from({ length: this.random.below(5) }, (_, index) =>
      index === 0 ? head.expression : value(this.random.below(9)),
    );
    const tolerate = this.random.chance(0.5)
      ? {
          tolerate: this.random.chance(0.5)
            ? { count: value(this.random.below(3)) }
            : { fraction: 0.5 },
        }
      : {};
    const action: ActionPlan = {
      kind: "for",
      variable,
      list: list(...items),
      body: this.block({ ...inner, given: [...inner.given, variable] }),
      maxItems: value(10),
      concurrency: value(1 + this.random.below(3)),
      ...tolerate,
      ...(this.random.chance(0.2)
        ? {
            fallback:
              "tolerate" in tolerate
                ? block([], record({ ok: list(), failed: list() }))
                : block([], list()),
          }
        : {}),
    };
    return { action, waits: head.waits, shape: "tolerate" in tolerate ? "tolerated" : "list" };
  }

  /** Items that need each other: each one all that have half its number or a third. */
  graph(waits: readonly string[]): {
    readonly action: ActionPlan;
    readonly waits: readonly string[];
    readonly shape: Shape;
  } {
    const variable = `v${this.fresh()}`;
    const size = 1 + this.random.below(6);
    const items = Array.from({ length: size }, (_, index) => ({
      id: `i${index}`,
      x: this.random.below(9),
      needs: index === 0 ? [] : [`i${this.random.below(index)}`],
    }));
    const action: ActionPlan = {
      kind: "for",
      variable,
      list: value(this.random.chance(0.5) ? items : [...items].reverse()),
      body: solo(
        callTool(
          this.toolName(),
          add(field(name(variable), "x"), {
            op: "method",
            name: "sum",
            of: name("upstream"),
            as: "int",
          }),
        ),
      ),
      maxItems: value(10),
      concurrency: value(2),
      key: field(name(variable), "id"),
      needs: field(name(variable), "needs"),
      tolerate: { count: value(this.random.below(4)) },
    };
    return { action, waits, shape: "tolerated" };
  }

  repeat(inner: Place): {
    readonly action: ActionPlan;
    readonly waits: readonly string[];
    readonly shape: Shape;
  } {
    const body = this.block({ ...inner, given: inner.given });
    const counted = {
      ...body,
      output: record({
        n: add(
          {
            op: "coalesce",
            left: { op: "optional", of: name("previous"), rest: field({ op: "it" }, "n") },
            right: value(0),
          },
          value(1),
        ),
        value: body.output ?? value(0),
      }),
    };
    const until = atLeast(
      {
        op: "coalesce",
        left: { op: "optional", of: name("previous"), rest: field({ op: "it" }, "n") },
        right: value(0),
      },
      value(1 + this.random.below(3)),
    );
    const action: ActionPlan = {
      kind: "repeat",
      body: counted,
      until,
      maxRounds: value(1 + this.random.below(3)),
      exhausted: this.random.chance(0.7) ? "keep" : "fail",
      ...(this.random.chance(0.3) ? { pauseMs: value(30) } : {}),
    };
    return { action, waits: [], shape: "int" };
  }
}

function readInt(seen: Seen): Expression {
  const of = name(seen.name);
  switch (seen.shape) {
    case "int":
      return intOf(of);
    case "optional":
      return { op: "coalesce", left: of, right: value(0) };
    case "list":
      return { op: "method", name: "sum", of, as: "int" };
    case "tolerated":
      return { op: "method", name: "sum", of: field(of, "ok"), as: "int" };
  }
}

/** Values of `repeat` are records, which count as 0 in a sum: adding turns all else into numbers. */
function intOf(of: Expression): Expression {
  return add(of, value(0));
}
