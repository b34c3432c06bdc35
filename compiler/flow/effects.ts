import type { GlobalSymbol } from "../names/symbol.ts";
import type { CheckedProgram, Instance } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";
import { callsOf, targetsOf } from "./calls.ts";
import { LastingResults } from "./lasting-results.ts";
import { flowInstance, instanceId } from "./reach.ts";
import { toolEffect } from "./tool-effect.ts";
import { callable, toolsOf } from "./uses.ts";

/** What calling something may do to the world. */
export interface Effects {
  /** A tool that writes or sends is reached. */
  readonly acts: boolean;
  readonly sends: boolean;
  /** A reached tool that acts again when it is called again, with the callables on the way to it; null if there is none. */
  readonly repeats: readonly GlobalSymbol[] | null;
}

export type FlowEffects = Effects;

export const noEffects: Effects = { acts: false, sends: false, repeats: null };

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
        repeats: repeatable ? null : [instance.symbol],
      };
    }
    case "agent":
      return joined(
        instance.symbol,
        toolsOf(program, declaration).map((tool) => effectsOf(program, plainInstance(tool.symbol))),
      );
    case "flow": {
      const found = flowInstance(program, instance);
      const calls = found === null ? [] : callsOf(found.module, found.flow);
      const targets = calls.flatMap((call) => targetsOf(program, call, instance));
      return joined(
        instance.symbol,
        targets.map((target) => effectsOf(program, target)),
      );
    }
    default:
      return noEffects;
  }
}

function joined(through: GlobalSymbol, parts: readonly Effects[]): Effects {
  const repeats = parts.find((part) => part.repeats !== null)?.repeats;
  return {
    acts: parts.some((part) => part.acts),
    sends: parts.some((part) => part.sends),
    repeats: repeats === undefined || repeats === null ? null : [through, ...repeats],
  };
}
