import type { GlobalSymbol } from "../names/symbol.ts";
import type { CheckedProgram, Instance, ResolvedSetting } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";
import type { Signature } from "../types/type.ts";
import { callsOf, targetsOf } from "./calls.ts";
import { LastingResults } from "./lasting-results.ts";
import { flowInstance, instanceId } from "./reach.ts";
import { toolEffect } from "./tool-effect.ts";
import { callable, toolsOf } from "./uses.ts";
import { follow, writtenSetting } from "./written.ts";

/** What calling something may do to the world. */
export interface Effects {
  /** A tool that writes or sends is reached. */
  readonly acts: boolean;
  readonly sends: boolean;
  /**
   * Something is reached that untrusted or private data must not flow into: a `trusted` parameter, a `system` made of
   * values, an agent that can send.
   */
  readonly guards: boolean;
  /** A reached tool that acts again when it is called again, with the callables on the way to it; null if there is none. */
  readonly repeats: readonly GlobalSymbol[] | null;
}

export type FlowEffects = Effects;

export const noEffects: Effects = { acts: false, sends: false, guards: false, repeats: null };

const cache = new WeakMap<CheckedProgram, Map<string, Effects>>();
const lasting = new LastingResults<Effects>();

/** Looks through called flows, agents' tools and fillers. */
export function effectsOf(program: CheckedProgram, instance: Instance): Effects {
  let known = cache.get(program);
  if (known === undefined) cache.set(program, (known = new Map<string, Effects>()));
  const id = instanceId(instance);
  const own = known.get(id);
  if (own !== undefined) return own;
  const earlier = lasting.of(program, instance);
  const found = earlier?.get(id);
  if (found !== undefined) {
    known.set(id, found);
    return found;
  }
  // A recursive program is reported elsewhere; the inner call adds nothing new.
  known.set(id, noEffects);
  const effects = calculate(program, instance);
  known.set(id, effects);
  earlier?.set(id, effects);
  return effects;
}

function calculate(program: CheckedProgram, instance: Instance): Effects {
  const declaration = callable(program, instance.symbol);
  switch (declaration?.kind) {
    case "tool": {
      const { effect, repeatable } = toolEffect(program, declaration);
      return {
        acts: effect !== "read",
        sends: effect === "send",
        guards: hasTrusted(declaration.signature),
        repeats: repeatable ? null : [instance.symbol],
      };
    }
    case "agent": {
      const all: Draft = { ...noEffects, guards: hasTrusted(declaration.signature) };
      for (const tool of toolsOf(program, declaration))
        include(all, instance.symbol, effectsOf(program, plainInstance(tool.symbol)));
      if (all.sends || !isFixedText(program, declaration.settings.get("system"))) all.guards = true;
      return all;
    }
    case "flow": {
      const all: Draft = { ...noEffects, guards: hasTrusted(declaration.signature) };
      const found = flowInstance(program, instance);
      for (const call of found === null ? [] : callsOf(found.module, found.flow)) {
        if (call.call.args.some(({ parameter }) => parameter.labels.trusted)) all.guards = true;
        for (const target of targetsOf(program, call, instance))
          include(all, instance.symbol, effectsOf(program, target));
      }
      return all;
    }
    default:
      return noEffects;
  }
}

type Draft = { -readonly [Key in keyof Effects]: Effects[Key] };

/** Adds what is reached through a callable. */
function include(all: Draft, through: GlobalSymbol, part: Effects): void {
  all.acts ||= part.acts;
  all.sends ||= part.sends;
  all.guards ||= part.guards;
  if (part.repeats !== null) all.repeats ??= [through, ...part.repeats];
}

function hasTrusted({ params }: Signature): boolean {
  return params.some(({ labels }) => labels.trusted);
}

/** True if it is absent, too. */
function isFixedText(program: CheckedProgram, setting: ResolvedSetting | undefined): boolean {
  if (setting === undefined) return true;
  const written = writtenSetting(program, setting);
  const expression = written === null ? null : follow(program, written).expression;
  return expression?.kind === "string" && expression.parts.every(({ kind }) => kind === "text");
}
