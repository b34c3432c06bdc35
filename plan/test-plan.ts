/** A `test` block, lowered. It is run offline, with virtual time, by `agentflow/testing`. */

import type { Expression } from "./expression.ts";
import type { Plan } from "./plan.ts";

export interface TestPlan {
  readonly title: string;
  readonly file: string;
  readonly line: number;
  /** The program under test. */
  readonly plan: Plan;
  /** By name of the agent or tool in the plan. */
  readonly stubs: { readonly [callable: string]: StubPlan };
  /** A recorded run whose outcomes answer what no stub answers; path relative to the test's file. */
  readonly replay?: string;
  readonly config: { readonly [name: string]: Expression };
  /** In order; each starts a flow and waits for its end. */
  readonly steps: readonly TestStep[];
  readonly expects: readonly ExpectPlan[];
}

export interface TestStep {
  readonly name: string;
  /** Id in `plan.program.flows`. */
  readonly flow: string;
  readonly arguments: { readonly [param: string]: Expression };
  readonly line: number;
}

/**
 * `condition` sees the steps by name, and the test functions as names in call form:
 * `calls(blogger)` (int), `ran(blogPost.live)` (bool), `failed(result)` (code or null),
 * `spent(result)` (money).
 */
export interface ExpectPlan {
  readonly condition: Expression;
  /** As written, for the report. */
  readonly text: string;
  readonly line: number;
}

export type StubPlan =
  | { readonly kind: "value"; readonly value: Expression }
  | { readonly kind: "fail"; readonly code: string; readonly message: string }
  /** What the call reserves and spends, in dollars. */
  | { readonly kind: "costs"; readonly amount: number; readonly then: StubPlan }
  | { readonly kind: "slow"; readonly delayMs: number; readonly then: StubPlan }
  /** One a call; the last answers all further calls. */
  | { readonly kind: "sequence"; readonly items: readonly StubPlan[] };
