import type { Bounds } from "../../plan/plan.ts";
import { postOrder } from "../graph/post-order.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { Action, For, Repeat } from "../syntax/tree.ts";
import type { CheckedModule, CheckedProgram, Instance, ResolvedCall } from "../types/checked.ts";
import { plainInstance, instanceOf } from "../types/instance.ts";
import { typeKey } from "../types/type-text.ts";
import { agentBounds, isPerson } from "./agent-bounds.ts";
import { askedOf } from "./asked.ts";
import {
  atMost,
  maximumFigure,
  nothing,
  sum,
  times,
  timesFigure,
  unknown,
  withTime,
  worst,
} from "./bound-sums.ts";
import { targetsOf } from "./calls.ts";
import { flowGraph } from "./flow-graph.ts";
import type { BlockGraph, Body, FlowCall, FlowGraph, GraphStep } from "./flow-graph.ts";
import { waitsIn } from "./flow-waits.ts";
import { defaultType, mostItems, noArguments, rangeOf, typeUnder } from "./number-range.ts";
import type { ArgumentTypes, RangeScope } from "./number-range.ts";
import { flowInstance, instanceId } from "./reach.ts";
import type { FlowInstance } from "./reach.ts";
import { retryBounds } from "./retry-bounds.ts";
import { settingMaximum } from "./setting-range.ts";
import type { SettingMap } from "./setting-range.ts";
import { stepsInside } from "./steps-inside.ts";
import { toolBounds } from "./tool-bounds.ts";
import { callable, handoffsOf, settingSymbol } from "./uses.ts";
import { constantNumber, writtenSetting } from "./written.ts";

/** Items of a `for` that run at once, unless it says otherwise. */
const defaultConcurrency = 10;

/** Worst cases of flows and calls of one program; asked for often, calculated once. */
class BoundsOfProgram {
  readonly #program: CheckedProgram;
  /** By instance and types of arguments, of flows; by id and the model of the call, of tools and agents. */
  readonly #known = new Map<string, Bounds>();

  constructor(program: CheckedProgram) {
    this.#program = program;
  }

  /** One run of a flow that is started from outside: parameters have their declared types. */
  ofFlow(instance: Instance): Bounds {
    return this.ofInstance(instance, noArguments);
  }

  /** One run of a step, without what follows when it fails. */
  ofStep(found: FlowInstance, step: GraphStep): Bounds {
    return new FlowBounds(this.#program, this, found, noArguments).alone(step);
  }

  /** One attempt at calling something. */
  ofInstance(instance: Instance, args: ArgumentTypes, model?: GlobalSymbol | null): Bounds {
    const declaration = callable(this.#program, instance.symbol);
    switch (declaration?.kind) {
      case "tool":
        return this.#once(instance.symbol.id, () => toolBounds(this.#program, declaration));
      case "agent":
        return this.#once(`${instance.symbol.id} by ${model?.id ?? ""}`, () =>
          agentBounds({
            program: this.#program,
            agent: declaration,
            model: model ?? null,
            ofTool: (symbol) => this.#ofToolOfAgent(symbol),
          }),
        );
      case "flow":
        return this.#flow(instance, args);
      default:
        return unknown;
    }
  }

  #once(key: string, calculate: () => Bounds): Bounds {
    let bounds = this.#known.get(key);
    if (bounds === undefined) this.#known.set(key, (bounds = calculate()));
    return bounds;
  }

  #ofToolOfAgent(symbol: GlobalSymbol): Bounds {
    const bounds = this.ofInstance(plainInstance(symbol), noArguments);
    const declaration = callable(this.#program, symbol);
    const confirm =
      declaration?.kind === "tool"
        ? settingSymbol(this.#program, declaration.settings.get("confirm"))
        : null;
    return confirm === null
      ? bounds
      : sum(bounds, this.ofInstance(plainInstance(confirm), noArguments));
  }

  #flow(instance: Instance, args: ArgumentTypes): Bounds {
    const id = `${instanceId(instance)} ${[...args].map(([name, type]) => `${name}: ${typeKey(type)}`).join(", ")}`;
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    // Recursion is reported elsewhere, and has no bounds.
    this.#known.set(id, unknown);
    const found = flowInstance(this.#program, instance);
    const bounds =
      found === null ? unknown : new FlowBounds(this.#program, this, found, args).flow();
    this.#known.set(id, bounds);
    if (found !== null) askedOf(found.module).bounds.set(id, { instance, args });
    return bounds;
  }
}

const shared = new WeakMap<CheckedProgram, BoundsOfProgram>();

/** One calculator for each snapshot of a program. */
export function boundsOfProgram(program: CheckedProgram): BoundsOfProgram {
  let bounds = shared.get(program);
  if (bounds === undefined) shared.set(program, (bounds = new BoundsOfProgram(program)));
  return bounds;
}

const noSettings: SettingMap = new Map();

/** Settings of the call or block that a step is; branches have none. */
export function settingsOfStep({ action, call }: GraphStep, module: CheckedModule): SettingMap {
  if (action.kind === "invoke") return call?.settings ?? noSettings;
  if (action.kind === "if" || action.kind === "match") return noSettings;
  return module.settingsOf(action.block);
}

class FlowBounds {
  readonly #program: CheckedProgram;
  readonly #all: BoundsOfProgram;
  readonly #found: FlowInstance;
  readonly #graph: FlowGraph;
  readonly #scope: RangeScope;

  constructor(
    program: CheckedProgram,
    all: BoundsOfProgram,
    found: FlowInstance,
    args: ArgumentTypes,
  ) {
    this.#program = program;
    this.#all = all;
    this.#found = found;
    this.#graph = flowGraph(found.module, found.flow);
    this.#scope = { program, module: found.module, args };
  }

  flow(): Bounds {
    const { settings, node } = this.#found.flow;
    const body = atMost(this.#block(this.#graph.body), this.#maximum(settings, "timeout"));
    const idle = node.block.entries.flatMap((entry) => {
      const state =
        entry.kind === "state" && entry.block !== null
          ? this.#found.module.settingsOf(entry.block)
          : null;
      const value = state?.get("onIdle")?.value;
      // It runs when nobody does, so it takes no time from a run.
      return value === undefined ? [] : [withTime(this.#body(value), 0)];
    });
    return sum(body, this.#fallback(settings), ...idle);
  }

  #body(body: Body): Bounds {
    const graph = this.#graph.blockOf(body);
    return graph === undefined ? nothing : this.#block(graph);
  }

  /** Figures add up; time is that of the longest chain of steps that wait for one another. */
  #block(block: BlockGraph): Bounds {
    const bounds = new Map(block.steps.map((step) => [step, this.#action(step)] as const));
    const ends = new Map<GraphStep, number | null>();
    const byNode = new Map(
      block.steps.flatMap((step) => (step.node === null ? [] : [[step.node, step] as const])),
    );
    const waits = waitsIn(this.#graph);
    const endOf = (step: GraphStep): number | null => {
      const end = ends.get(step);
      // Steps that wait for each other are reported elsewhere.
      return end === undefined ? 0 : end;
    };
    const befores = new Map(
      block.steps.map((step) => {
        const others = stepsInside(step)
          .flatMap((inner) => waits.of(inner))
          .flatMap((wait) => byNode.get(wait.step) ?? [])
          .filter((other) => other !== step);
        return [step, others] as const;
      }),
    );
    for (const step of postOrder(block.steps, (waiting) => befores.get(waiting) ?? [])) {
      const start = (befores.get(step) ?? []).map(endOf).reduce(maximumFigure, 0);
      const own = bounds.get(step)?.timeMs ?? null;
      ends.set(step, start === null || own === null ? null : start + own);
    }
    return withTime(sum(...bounds.values()), block.steps.map(endOf).reduce(maximumFigure, 0));
  }

  #action(step: GraphStep): Bounds {
    const settings = settingsOfStep(step, this.#scope.module);
    const undo = settings.get("undo");
    return sum(
      this.alone(step),
      this.#fallback(settings),
      undo === undefined ? nothing : this.#body(undo.value),
    );
  }

  /** What the `budget` of a step has to last for: its `fallback` and `undo` come when that is over. */
  alone(step: GraphStep): Bounds {
    const { action } = step;
    switch (action.kind) {
      case "invoke": {
        return step.call === null ? nothing : this.#call(step.call);
      }
      case "if":
        return worst(
          this.#body(action.then),
          action.else === null ? nothing : this.#body(action.else),
        );
      case "match":
        return worst(...action.arms.map((arm) => this.#body(arm.body)));
      case "for":
        return this.#for(action);
      case "repeat":
        return this.#repeat(action);
      case "race":
        return this.#race(action);
    }
  }

  #for(action: For): Bounds {
    const settings = this.#scope.module.settingsOf(action.block);
    const items =
      this.#maximum(settings, "maxItems") ?? mostItems(typeUnder(action.list, this.#scope));
    const body = this.#body(action.block);
    const limit = writtenSetting(this.#program, settings.get("concurrency"));
    const least =
      limit === null
        ? defaultConcurrency
        : Math.max(1, rangeOf(limit.expression, { ...this.#scope, module: limit.module }).min ?? 1);
    // Items that need one another may form a chain.
    const atOnce = settings.has("needs") ? 1 : least;
    const turns = items === null ? null : Math.ceil(items / atOnce);
    return this.#limited(withTime(times(body, items), timesFigure(body.timeMs, turns)), settings);
  }

  #repeat(action: Repeat): Bounds {
    const settings = this.#scope.module.settingsOf(action.block);
    const rounds = this.#maximum(settings, "maxRounds");
    const pause = settings.has("pause") ? this.#maximum(settings, "pause") : 0;
    const pauses = timesFigure(pause, rounds === null ? null : Math.max(0, rounds - 1));
    return this.#limited(
      sum(times(this.#body(action.block), rounds), withTime(nothing, pauses)),
      settings,
    );
  }

  #race(action: Extract<Action, { kind: "race" }>): Bounds {
    const settings = this.#scope.module.settingsOf(action.block);
    return this.#limited(this.#body(action.block), settings);
  }

  #limited(bounds: Bounds, settings: SettingMap): Bounds {
    return atMost(bounds, this.#maximum(settings, "timeout"));
  }

  #fallback(settings: SettingMap): Bounds {
    const fallback = settings.get("fallback");
    return fallback === undefined ? nothing : this.#body(fallback.value);
  }

  #call(call: FlowCall): Bounds {
    const { settings } = call;
    const attempt = this.#attempt(call);
    const timeout = this.#maximum(settings, "timeout");
    const limited = this.#isPersonWithoutTimeout(attempt, call)
      ? withTime(attempt, timeout)
      : atMost(attempt, timeout);
    return retryBounds(limited, settings, {
      program: this.#program,
      args: this.#scope.args,
      attempts: 1,
    });
  }

  /** A person without a limit of their own takes as long as the call allows. */
  #isPersonWithoutTimeout(attempt: Bounds, { call }: FlowCall): boolean {
    const target = instanceOf(this.#program, this.#scope.module, call, this.#found.instance);
    const agent = target === undefined ? null : callable(this.#program, target.symbol);
    return (
      attempt.timeMs === null && agent?.kind === "agent" && isPerson(this.#program, agent, null)
    );
  }

  #attempt(flowCall: FlowCall): Bounds {
    const { call, settings } = flowCall;
    if (call.callee.kind === "action") return this.#actionFunction(call, settings);
    const model = settingSymbol(this.#program, settings.get("model"));
    const args = this.#arguments(call);
    const targets = targetsOf(this.#program, flowCall, this.#found.instance);
    if (targets.length === 0) return unknown;
    const one = worst(...targets.map((target) => this.#all.ofInstance(target, args, model)));
    if (!settings.has("handoffs")) return one;
    const arrows = handoffsOf(this.#program, settings.get("handoffs")).reduce(
      (count, { to }) => count + to.length,
      0,
    );
    const most =
      constantNumber(this.#program, writtenSetting(this.#program, settings.get("maxHandoffs"))) ??
      arrows;
    return times(one, 1 + most);
  }

  #arguments(call: ResolvedCall): ArgumentTypes {
    return new Map(
      call.args.map(({ parameter, node }) => [
        parameter.name,
        node === null ? defaultType(parameter, this.#scope) : typeUnder(node.value, this.#scope),
      ]),
    );
  }

  /** Waiting takes time and nothing else; the other actions take neither. */
  #actionFunction(call: ResolvedCall, settings: SettingMap): Bounds {
    if (call.callee.kind !== "action") return nothing;
    if (call.callee.name === "receive")
      return withTime(nothing, this.#maximum(settings, "timeout"));
    if (call.callee.name !== "sleep") return nothing;
    const value = call.args[0]?.node?.value;
    return withTime(nothing, value === undefined ? null : rangeOf(value, this.#scope).max);
  }

  #maximum(settings: SettingMap, key: string): number | null {
    return settingMaximum(settings, key, this.#program, this.#scope.args);
  }
}
