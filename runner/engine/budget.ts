import type { Names } from "../../plan/evaluate/names.ts";
import { numberOf } from "../../plan/evaluate/arithmetic.ts";
import type { BudgetCode } from "./code.ts";
import type { Budget, Node, ParentNode } from "./nodes.ts";

export interface Amount {
  readonly cost: number;
  readonly tokens: number;
}

export interface BudgetLimits {
  /** Micro-dollars. */
  readonly cost: number | null;
  readonly tokens: number | null;
  readonly timeMs: number | null;
}

export function budgetLimits(code: BudgetCode | null, names: Names): BudgetLimits {
  const amount = (evaluator: BudgetCode["cost"]): number | null => {
    const value = evaluator === null ? null : evaluator(names);
    return value === null ? null : numberOf(value);
  };
  const cost = amount(code?.cost ?? null);
  return {
    cost: cost === null ? null : Math.floor(cost * 1_000_000 + 0.5),
    tokens: amount(code?.tokens ?? null),
    timeMs: amount(code?.timeMs ?? null),
  };
}

/** The stricter of both, limit by limit. */
export function strictest(left: BudgetLimits, right: BudgetLimits): BudgetLimits {
  const lower = (a: number | null, b: number | null): number | null =>
    a === null ? b : b === null ? a : Math.min(a, b);
  return {
    cost: lower(left.cost, right.cost),
    tokens: lower(left.tokens, right.tokens),
    timeMs: lower(left.timeMs, right.timeMs),
  };
}

export function newBudget(limits: BudgetLimits): Budget | null {
  if (limits.cost === null && limits.tokens === null) return null;
  return {
    cost: limits.cost,
    tokens: limits.tokens,
    spentCost: 0,
    spentTokens: 0,
    reservedCost: 0,
    reservedTokens: 0,
  };
}

/**
 * Sets the amount aside in every budget around `node`. Gives the innermost node whose budget it does not fit, having
 * reserved nothing then, or null. Compensations are exempt.
 */
export function reserve(node: Node, amount: Amount): ParentNode | null {
  const holders = budgetHolders(node.parent);
  for (const holder of holders)
    if (holder.budget !== null && !fits(holder.budget, amount)) return holder;
  for (const { budget } of holders) {
    if (budget === null) continue;
    budget.reservedCost += amount.cost;
    budget.reservedTokens += amount.tokens;
  }
  return null;
}

/** Replaces what was reserved by what was spent. */
export function settleBudget(node: Node, reserved: Amount, spent: Amount): void {
  for (const { budget } of budgetHolders(node.parent)) {
    if (budget === null) continue;
    budget.reservedCost -= reserved.cost;
    budget.reservedTokens -= reserved.tokens;
    budget.spentCost += spent.cost;
    budget.spentTokens += spent.tokens;
  }
}

/** Whether any budget limits what happens at `node`. */
export function isBudgeted(node: Node): boolean {
  return budgetHolders(node.parent).length > 0;
}

/** Whether something beneath `node` may be limited by a budget. */
export function isBudgetedWithin(node: ParentNode): boolean {
  return budgetHolders(node).length > 0;
}

/** Whether the amount could be set aside for something beneath `node`. */
export function fitsBudgets(node: ParentNode, amount: Amount): boolean {
  return budgetHolders(node).every(({ budget }) => budget === null || fits(budget, amount));
}

function fits(budget: Budget, amount: Amount): boolean {
  if (budget.cost !== null && budget.spentCost + budget.reservedCost + amount.cost > budget.cost)
    return false;
  return (
    budget.tokens === null ||
    budget.spentTokens + budget.reservedTokens + amount.tokens <= budget.tokens
  );
}

const none: readonly ParentNode[] = [];

function budgetHolders(from: ParentNode | null): readonly ParentNode[] {
  let holders: ParentNode[] | null = null;
  for (let at = from; at !== null; at = at.parent) {
    if (at.kind === "undo") return none;
    if (at.budget !== null) (holders ??= []).push(at);
  }
  return holders ?? none;
}
