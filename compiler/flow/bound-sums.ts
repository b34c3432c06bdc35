import type { Bounds } from "../../plan/plan.ts";

/**
 * The algebra of worst cases: figures of a step are combined into figures of its block. Null is unknown and stays
 * unknown, except that doing something zero times costs nothing.
 */

type Figure = number | null;

export const nothing: Bounds = {
  agentCalls: 0,
  modelRequests: 0,
  toolCalls: 0,
  humanTasks: 0,
  tokens: 0,
  cost: 0,
  timeMs: 0,
};

export const unknown: Bounds = {
  agentCalls: null,
  modelRequests: null,
  toolCalls: null,
  humanTasks: null,
  tokens: null,
  cost: null,
  timeMs: null,
};

export function addFigures(left: Figure, right: Figure): Figure {
  return left === null || right === null ? null : saturate(left + right);
}

export function timesFigure(figure: Figure, count: Figure): Figure {
  if (figure === 0 || count === 0) return 0;
  return figure === null || count === null ? null : saturate(figure * count);
}

export function maximumFigure(left: Figure, right: Figure): Figure {
  return left === null || right === null ? null : Math.max(left, right);
}

/** Null is the longest, so a known limit is always the smaller one. */
export function minimumFigure(left: Figure, right: Figure): Figure {
  if (left === null) return right;
  return right === null ? left : Math.min(left, right);
}

/** All figures of both, one after the other in time. */
export function sum(...parts: readonly Bounds[]): Bounds {
  return parts.reduce((left, right) => combine(left, right, addFigures), nothing);
}

/** One of them happens, nobody knows which: per figure the worst. */
export function worst(...parts: readonly Bounds[]): Bounds {
  return parts.length === 0
    ? nothing
    : parts.reduce((left, right) => combine(left, right, maximumFigure));
}

/** Happens `count` times, one after the other. */
export function times(bounds: Bounds, count: Figure): Bounds {
  return combine(bounds, bounds, (figure) => timesFigure(figure, count));
}

export function withTime(bounds: Bounds, timeMs: Figure): Bounds {
  return { ...bounds, timeMs };
}

/** A time limit ends what takes longer; all other figures are reached before it. */
export function atMost(bounds: Bounds, timeoutMs: Figure): Bounds {
  return withTime(bounds, minimumFigure(bounds.timeMs, timeoutMs));
}

function combine(left: Bounds, right: Bounds, of: (left: Figure, right: Figure) => Figure): Bounds {
  return {
    agentCalls: of(left.agentCalls, right.agentCalls),
    modelRequests: of(left.modelRequests, right.modelRequests),
    toolCalls: of(left.toolCalls, right.toolCalls),
    humanTasks: of(left.humanTasks, right.humanTasks),
    tokens: of(left.tokens, right.tokens),
    cost: roundCost(of(left.cost, right.cost)),
    timeMs: of(left.timeMs, right.timeMs),
  };
}

/** Dollars keep six decimals, so that sums of prices print as people write them. */
function roundCost(cost: Figure): Figure {
  return cost === null ? null : Math.round(cost * 1_000_000) / 1_000_000;
}

/** A count beyond what a number can hold exactly says no more than the largest. */
function saturate(figure: number): number {
  return Math.min(figure, Number.MAX_SAFE_INTEGER);
}
