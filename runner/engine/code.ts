/** A plan made ready for evaluation: expressions as functions, dependents indexed. Shared by all runs of a plan. */

import type { ListForm } from "../../plan/known-lists.ts";
import type { Evaluator } from "../../plan/evaluate/names.ts";
import type { Json, SchemaReference } from "../../plan/expression.ts";
import type {
  AgentPlan,
  CallPlan,
  FlowPlan,
  ModelPlan,
  Program,
  RatePlan,
  StatePlan,
  ToolPlan,
} from "../../plan/plan.ts";
import type { StubPlan } from "../../plan/test-plan.ts";

export interface EngineProgram {
  readonly hash: string;
  readonly program: Program;
  readonly flows: ReadonlyMap<string, FlowCode>;
  readonly agents: ReadonlyMap<string, AgentCode>;
  readonly tools: ReadonlyMap<string, ToolCode>;
  readonly models: ReadonlyMap<string, ModelCode>;
  /** Answers instead of agents and tools, in tests. */
  readonly stubs: { readonly [callable: string]: StubPlan };
  /** By `index`. */
  readonly blocks: readonly BlockCode[];
  readonly steps: readonly StepCode[];
}

export interface BlockCode {
  /** Position in `EngineProgram.blocks`: what a snapshot refers to. */
  readonly index: number;
  readonly lets: ReadonlyMap<string, LetCode>;
  readonly steps: readonly StepCode[];
  readonly stepNames: ReadonlySet<string>;
  readonly output: Evaluator | null;
  readonly outputWaits: readonly string[];
}

export interface LetCode {
  readonly value: Evaluator;
  readonly schema: SchemaReference | null;
}

export interface StepCode {
  /** Position in `EngineProgram.steps`. */
  readonly index: number;
  readonly name: string;
  readonly path: string;
  readonly schema: SchemaReference | null;
  /** How many steps of the same block must be done first. */
  readonly inner: number;
  /** Names of steps of enclosing blocks that must be done first. */
  readonly outer: readonly string[];
  /** Positions, in the block, of the steps that wait for this one. */
  readonly dependents: readonly number[];
  readonly action: ActionCode;
  /** The compensation, as a step of its own. */
  readonly undo: StepCode | null;
  readonly fallback: BlockCode | null;
  readonly timeoutMs: Evaluator | null;
  readonly budget: BudgetCode | null;
}

export type ActionCode = CallCode | ValueCode | ChoiceCode | ForCode | RepeatCode | RaceCode;

export interface CallCode {
  readonly kind: "call";
  readonly plan: CallPlan;
  readonly arguments: readonly (readonly [string, Evaluator])[];
  readonly callee: Evaluator | null;
  readonly retry: RetryCode | null;
  readonly where: Evaluator | null;
  readonly pauseMs: Evaluator | null;
  readonly idempotencyKey: Evaluator | null;
  /** Of the call of a flow. */
  readonly priority: Evaluator | null;
}

export interface ValueCode {
  readonly kind: "value";
  readonly value: Evaluator;
}

/** `if` is a choice between true and everything else. */
export interface ChoiceCode {
  readonly kind: "choice";
  readonly subject: Evaluator;
  /** First arm that lists the subject, else `otherwise`. */
  readonly arms: readonly { readonly values: readonly Json[]; readonly block: BlockCode }[];
  readonly otherwise: BlockCode | null;
}

export interface ForCode {
  readonly kind: "for";
  readonly variable: string;
  readonly list: Evaluator;
  readonly body: BlockCode;
  readonly maxItems: Evaluator;
  readonly concurrency: Evaluator;
  readonly tolerate: { readonly count: Evaluator } | { readonly fraction: number } | null;
  readonly key: Evaluator | null;
  readonly needs: Evaluator | null;
  readonly deadLetter: string | null;
  readonly rate: RatePlan | null;
  /** As JSON, the schemas that the value of each item was decoded by; null when its block computes it. */
  readonly itemForms: ListForm["items"] | null;
}

export interface RepeatCode {
  readonly kind: "repeat";
  readonly body: BlockCode;
  readonly until: Evaluator;
  readonly maxRounds: Evaluator;
  readonly exhausted: "keep" | "fail";
  readonly pauseMs: Evaluator | null;
}

export interface RaceCode {
  readonly kind: "race";
  readonly body: BlockCode;
}

export interface RetryCode {
  readonly attempts: Evaluator;
  readonly fromMs: Evaluator;
  readonly toMs: Evaluator;
  readonly retryOn: ReadonlySet<string>;
}

export interface BudgetCode {
  readonly cost: Evaluator | null;
  readonly tokens: Evaluator | null;
  readonly timeMs: Evaluator | null;
}

export interface FlowCode {
  readonly id: string;
  readonly plan: FlowPlan;
  readonly body: BlockCode;
  readonly fallback: BlockCode | null;
  readonly timeoutMs: Evaluator | null;
  readonly budget: BudgetCode | null;
  readonly priority: Evaluator | null;
  readonly concurrencyPer: Evaluator | null;
  readonly cancelWhere: Evaluator | null;
  readonly params: readonly ParamCode[];
  readonly states: readonly StateCode[];
}

export interface ParamCode {
  readonly name: string;
  readonly schema: SchemaReference;
  readonly default: Evaluator | null;
}

export interface StateCode {
  readonly plan: StatePlan;
  readonly initial: Evaluator;
  readonly per: Evaluator;
  readonly next: Evaluator | null;
  readonly onIdle: BlockCode | null;
}

export interface AgentCode {
  readonly name: string;
  readonly plan: AgentPlan;
  readonly params: readonly ParamCode[];
  readonly system: Evaluator | null;
  readonly prompt: Evaluator;
  /** Values of the prompt's parts that are files. */
  readonly files: readonly Evaluator[];
  readonly checks: readonly { readonly message: string; readonly test: Evaluator }[];
  readonly retry: RetryCode;
  readonly timeoutMs: Evaluator | null;
  readonly budget: BudgetCode | null;
  /** By the name that the model sees. */
  readonly tools: ReadonlyMap<string, ToolUseCode>;
  /** Answers are plain text. */
  readonly text: boolean;
  /** Hash of all that decides its answers: first part of its cache keys. */
  readonly meaning: () => string;
}

export interface ToolUseCode {
  readonly name: string;
  readonly description: string;
  readonly input: SchemaReference;
  readonly fixed: readonly (readonly [string, Evaluator])[];
  /** The call that the model's choice becomes. */
  readonly step: StepCode;
  /** The call of the agent that must approve. */
  readonly confirm: { readonly step: StepCode; readonly params: readonly string[] } | null;
  readonly acts: boolean;
}

export interface ToolCode {
  readonly name: string;
  readonly plan: ToolPlan;
  readonly params: readonly ParamCode[];
  readonly retry: RetryCode;
  readonly timeoutMs: Evaluator;
  readonly meaning: () => string;
}

export interface ModelCode {
  readonly name: string;
  readonly plan: ModelPlan;
  readonly retry: RetryCode;
}
