/**
 * The execution plan: the contract between compiler and runner. A versioned JSON document whose
 * `program` says all that a run means; its hash is the plan's identity and depends on neither
 * layout nor order of declarations, settings and steps, nor on comments. `source` says where each
 * part was written and is not hashed.
 */

import type { Expression, Json, SchemaReference } from "./expression.ts";

export const planFormat = "agentflow.plan";
export const planVersion = 1;

export interface Plan {
  readonly format: typeof planFormat;
  readonly version: typeof planVersion;
  /** SHA-256 of the canonical JSON of `program`, in lower-case hex. */
  readonly hash: string;
  readonly program: Program;
  readonly source: PlanSource;
}

export interface PlanSource {
  /** Paths relative to the folder of the entry file, `/`-separated; `std/…` for built-in modules. */
  readonly files: readonly string[];
  /**
   * Where things stand: key `flow:triage`, `agent:classify`, `tool:…`, `model:…`, `test:…` or a static
   * step path such as `team.solutions[].accepted#.review`; value `[file index, start, end, line, column]`
   * (offsets in UTF-16 code units, line and column from 1).
   */
  readonly spans: { readonly [key: string]: readonly [number, number, number, number, number] };
}

/** All records are keyed by name; a name that two files declare gets its module's path in front: `lib/util:Name`. */
export interface Program {
  readonly config: { readonly [name: string]: ConfigPlan };
  /** Values per environment. */
  readonly environments: { readonly [environment: string]: { readonly [name: string]: Json } };
  readonly schemas: { readonly [name: SchemaReference]: JsonSchema };
  readonly models: { readonly [name: string]: ModelPlan };
  readonly roles: { readonly [name: string]: RolePlan };
  readonly agents: { readonly [name: string]: AgentPlan };
  readonly tools: { readonly [name: string]: ToolPlan };
  /** Every flow of the entry file and each flow they call, specialised: `reviewLoop(judge: reader, write: blogger)`. */
  readonly flows: { readonly [id: string]: FlowPlan };
}

/**
 * JSON Schema 2020-12 plus `x-agentflow`, the language's type where JSON has none: `money`, `duration`, `secret`,
 * `file`, `json`, `role:specialist`. One schema refers to another as `{ "$ref": "#/$defs/Name" }`
 * (`schema-reference.ts`; `standaloneSchema` makes a self-contained document of one). `required` holds every field in
 * declared order, so the order survives sorting of keys. `T?` is `anyOf` of T and null.
 */
export type JsonSchema = { readonly [key: string]: Json };

export interface ConfigPlan {
  readonly schema: SchemaReference;
  readonly secret: boolean;
  readonly default?: Json;
  readonly doc?: string;
  /** Environment variable that overrides it: `CRM_URL` for `crmUrl`. */
  readonly variable: string;
}

/** Settings are expressions because they may read `config`, parameters or steps; a constant is `{ op: "value" }`. */
export interface RetryPlan {
  /** All tries. */
  readonly attempts: Expression;
  /** Pause between tries: exponential with full jitter from `fromMs` to `toMs`; fixed when they are equal. */
  readonly backoff: { readonly fromMs: Expression; readonly toMs: Expression };
  readonly retryOn: readonly string[];
}

export interface BudgetPlan {
  /** Dollars. */
  readonly cost?: Expression;
  readonly tokens?: Expression;
  readonly timeMs?: Expression;
}

export interface RatePlan {
  readonly count: number;
  readonly perMs: number;
}

export interface CircuitPlan {
  readonly failures: number;
  readonly windowMs: number;
  readonly cooldownMs: number;
}

export interface CachePlan {
  readonly ttlMs: number;
  /** Calls whose texts are so similar (cosine) and whose other arguments are equal share answers; absent: equal arguments only. */
  readonly similarity?: number;
  /** Model that places the texts; absent: the standard one of the provider of the agent's model. */
  readonly model?: string;
}

export interface ModelPlan {
  /** `openai`, `anthropic`, `bedrock`, `ollama`, `human`, `mock`. */
  readonly provider: string;
  /** The provider's id of the model; for `human` the channel kind: `slack`, `email`, `inbox`. */
  readonly model: string;
  readonly apiKey?: Expression;
  readonly baseUrl?: Expression;
  readonly options?: Json;
  readonly temperature?: number;
  /** Dollars per 1M tokens. */
  readonly price?: { readonly input: number; readonly output: number };
  readonly maxInput?: number;
  readonly maxOutput?: number;
  readonly backups: readonly string[];
  readonly retry: RetryPlan;
  readonly timeoutMs: number;
  readonly circuit?: CircuitPlan;
  readonly rate?: RatePlan;
  readonly concurrency?: number;
  readonly channel?: string;
  readonly assignees?: readonly string[];
  readonly remindMs?: number;
}

export interface RolePlan {
  readonly doc?: string;
  /** Sorted by name. */
  readonly fillers: readonly {
    readonly kind: "agent" | "tool" | "flow";
    readonly name: string;
    readonly doc?: string;
    readonly skills: readonly string[];
  }[];
}

export interface ParamPlan {
  readonly name: string;
  readonly schema: SchemaReference;
  readonly doc?: string;
  readonly default?: Expression;
}

export interface AgentPlan {
  readonly doc?: string;
  readonly params: readonly ParamPlan[];
  readonly returns: SchemaReference;
  readonly model: string;
  readonly system?: Expression;
  readonly prompt: Expression;
  readonly examples: readonly { readonly input: Json; readonly output: Json }[];
  readonly tools: readonly ToolUse[];
  readonly maxTurns: number;
  /** `test` sees the parameters and `output`; the message goes back to the model. */
  readonly checks: readonly { readonly message: string; readonly test: Expression }[];
  readonly skills: readonly string[];
  readonly retry: RetryPlan;
  readonly timeoutMs?: Expression;
  readonly budget?: BudgetPlan;
  readonly cache?: CachePlan;
  readonly rate?: RatePlan;
  readonly concurrency?: number;
  readonly maxInput?: number;
  readonly maxOutput?: number;
  readonly labels: CallableLabels;
}

/** A callable the model may use. Arguments in `fixed` are neither shown to the model nor changed by it. */
export interface ToolUse {
  readonly kind: "tool" | "flow" | "agent";
  readonly callee: string;
  readonly description?: string;
  /** Schema of what the model passes: the parameters without the fixed ones. */
  readonly input: SchemaReference;
  /** They see the agent's parameters and `config`. */
  readonly fixed: { readonly [param: string]: Expression };
}

export interface ToolPlan {
  readonly doc?: string;
  readonly params: readonly ParamPlan[];
  readonly returns: SchemaReference;
  readonly reach: HttpReach | ModuleReach | McpReach;
  /** Error codes by HTTP status, or the codes a module raises. */
  readonly errors: {
    readonly byStatus: { readonly [status: string]: string };
    readonly codes: readonly string[];
  };
  readonly effect: "read" | "write" | "send";
  /** The callee drops repeats of one key: a header's name for http, else true. */
  readonly idempotency?: string | true;
  /** Repeat a call that a crash caught in flight. */
  readonly restart: boolean;
  /** Agent asked before each call that an agent's tool loop makes. */
  readonly confirm?: string;
  readonly retry: RetryPlan;
  readonly timeoutMs: Expression;
  readonly rate?: RatePlan;
  readonly concurrency?: number;
  readonly circuit?: CircuitPlan;
  readonly cache?: CachePlan;
  readonly labels: CallableLabels;
}

export type AuthPlan =
  | { readonly kind: "bearer"; readonly token: Expression }
  | { readonly kind: "basic"; readonly user: Expression; readonly password: Expression }
  | { readonly kind: "header"; readonly header: Expression; readonly value: Expression }
  | { readonly kind: "none" };

export interface HttpReach {
  readonly kind: "http";
  readonly method: string;
  /** Text parts as written; values are percent-encoded (a `config` value at the start is taken as it is). */
  readonly url: Expression;
  /** Parameters that stand in the URL, and so not in the default body or query. */
  readonly inUrl: readonly string[];
  readonly headers?: Expression;
  readonly query?: Expression;
  readonly body?: Expression;
  readonly auth?: AuthPlan;
}

export interface ModuleReach {
  readonly kind: "module";
  /** Path relative to the folder of the entry file, or a package path such as `agentflow/web`. */
  readonly module: string;
  readonly function: string;
  readonly secrets: { readonly [name: string]: Expression };
}

export interface McpReach {
  readonly kind: "mcp";
  readonly server: Expression;
  readonly tool: string;
  readonly auth?: AuthPlan;
}

export interface CallableLabels {
  readonly untrusted: boolean;
  readonly private: boolean;
}

export interface FlowPlan {
  /** As declared: first segment of its steps' paths. */
  readonly name: string;
  readonly doc?: string;
  readonly was?: string;
  readonly params: readonly ParamPlan[];
  /** Schema of the record of all parameters. */
  readonly input: SchemaReference;
  readonly returns: SchemaReference;
  readonly body: BlockPlan;
  readonly timeoutMs?: Expression;
  readonly budget?: BudgetPlan;
  readonly rate?: RatePlan;
  readonly concurrency?: { readonly limit: number; readonly per?: Expression };
  readonly priority?: Expression;
  readonly deadLetter?: string;
  readonly fallback?: BlockPlan;
  readonly states: readonly StatePlan[];
  readonly triggers: readonly TriggerPlan[];
  readonly cancelOn?: { readonly topic: string; readonly where?: Expression };
  readonly effects: { readonly acts: boolean; readonly sends: boolean };
  readonly bounds: Bounds;
  /** Null for a flow whose role parameters nobody fills: it can be checked, not run. */
  readonly runnable: boolean;
}

/** Worst cases; null is unknown. Cost in dollars, time in milliseconds. */
export interface Bounds {
  readonly agentCalls: number | null;
  readonly modelRequests: number | null;
  readonly toolCalls: number | null;
  readonly humanTasks: number | null;
  readonly tokens: number | null;
  readonly cost: number | null;
  readonly timeMs: number | null;
}

/** Names in a block are unique; a name resolves to the nearest enclosing block that has it. */
export interface BlockPlan {
  readonly lets: readonly LetPlan[];
  /** Sorted by phase, then name. */
  readonly steps: readonly StepPlan[];
  /** The block's value; null value without one. For a block of one unnamed action: `{ op: "name", name: "" }`. */
  readonly output: Expression | null;
  /** Steps of enclosing blocks that `output` (and `until`, `next`) mention: waited for before the block is done. */
  readonly outputWaits: readonly string[];
}

export interface LetPlan {
  readonly name: string;
  readonly value: Expression;
  /** An annotated `let` is validated against this. */
  readonly schema?: SchemaReference;
}

export interface StepPlan {
  /** "" for the one unnamed action of a block. */
  readonly name: string;
  /** Static path: `team.solutions[].accepted#.review`. The key of `PlanSource.spans` too. */
  readonly path: string;
  readonly doc?: string;
  /** Position in the parallel schedule: 0 waits for nothing in its block. */
  readonly phase: number;
  /** Names of the steps, of this block or enclosing ones, that must be done before its head starts. */
  readonly waits: readonly string[];
  readonly action: ActionPlan;
  /** Of the value: inferred type, or the annotation. */
  readonly schema: SchemaReference;
}

export type ActionPlan =
  | CallPlan
  | ValuePlan
  | IfPlan
  | MatchPlan
  | ForPlan
  | RepeatPlan
  | RacePlan;

export type Callee =
  | { readonly kind: "agent" | "tool" | "flow"; readonly name: string }
  /** Any filler of the role: healthy, with the skills, least loaded. */
  | { readonly kind: "role"; readonly role: string; readonly requires: readonly string[] }
  /** The filler that this value names. */
  | { readonly kind: "value"; readonly role: string; readonly value: Expression }
  | { readonly kind: "fail" | "sleep" | "receive" | "emit" | "continue" };

export interface CallPlan {
  readonly kind: "call";
  readonly callee: Callee;
  /**
   * By parameter. fail: `code`, `message` or `error`; sleep: `for` (ms) or `until` (time); receive:
   * `topic`; emit: `topic`, `data`; continue: the flow's parameters.
   */
  readonly arguments: { readonly [param: string]: Expression };
  /** Schema of the arguments' record: refinements are checked before the call. Absent for the five actions. */
  readonly input?: SchemaReference;
  /** What `receive` and callees of type `json` must return. */
  readonly returns?: SchemaReference;
  readonly retry?: RetryPlan;
  readonly timeoutMs?: Expression;
  readonly cache?: CachePlan;
  readonly budget?: BudgetPlan;
  readonly model?: string;
  readonly idempotencyKey?: Expression;
  readonly restart?: boolean;
  readonly priority?: Expression;
  /** A state of type `Message[..n]`. */
  readonly memory?: string;
  readonly handoffs?: { readonly [agent: string]: readonly string[] };
  readonly maxHandoffs?: number;
  readonly where?: Expression;
  readonly pauseMs?: Expression;
  readonly maxRuns?: number;
  /** Sees `error`. */
  readonly fallback?: BlockPlan;
  /** Sees the step itself. */
  readonly undo?: CallPlan;
}

/** A value where an action may stand: an arm's `null`, a fallback's record. */
export interface ValuePlan {
  readonly kind: "value";
  readonly value: Expression;
}

export interface IfPlan {
  readonly kind: "if";
  readonly test: Expression;
  readonly then: BlockPlan;
  readonly else: BlockPlan | null;
}

export interface MatchPlan {
  readonly kind: "match";
  readonly subject: Expression;
  readonly arms: readonly {
    /** Values that select the arm; empty for `else`, which stands last. */
    readonly values: readonly Json[];
    readonly block: BlockPlan;
  }[];
}

export interface ForPlan {
  readonly kind: "for";
  readonly variable: string;
  readonly list: Expression;
  readonly body: BlockPlan;
  readonly maxItems: Expression;
  readonly concurrency: Expression;
  /** A number of items, or a fraction of them; absent: the first failure fails the step. */
  readonly tolerate?: { readonly count: Expression } | { readonly fraction: number };
  readonly key?: Expression;
  readonly needs?: Expression;
  readonly deadLetter?: string;
  readonly rate?: RatePlan;
  readonly timeoutMs?: Expression;
  readonly budget?: BudgetPlan;
  readonly fallback?: BlockPlan;
}

export interface RepeatPlan {
  readonly kind: "repeat";
  readonly body: BlockPlan;
  readonly until: Expression;
  readonly maxRounds: Expression;
  readonly exhausted: "keep" | "fail";
  readonly pauseMs?: Expression;
  readonly timeoutMs?: Expression;
  readonly budget?: BudgetPlan;
  readonly fallback?: BlockPlan;
}

export interface RacePlan {
  readonly kind: "race";
  /** Its steps are the racers. */
  readonly body: BlockPlan;
  readonly timeoutMs?: Expression;
  readonly budget?: BudgetPlan;
  readonly fallback?: BlockPlan;
}

export interface StatePlan {
  readonly name: string;
  readonly was?: string;
  readonly schema: SchemaReference;
  readonly initial: Expression;
  readonly per: Expression;
  /** New value, evaluated when the run has succeeded; absent: unchanged, or appended to by `memory`. */
  readonly next?: Expression;
  readonly idleMs?: number;
  /** Gives the value after `idleMs` without a run. */
  readonly onIdle?: BlockPlan;
  /** Keeps at most so many items (the bound of `Message[..n]`). */
  readonly maxItems?: number;
}

export type TriggerPlan =
  | {
      readonly kind: "http";
      readonly method: string;
      readonly path: string;
      readonly auth: AuthPlan;
      readonly input?: { readonly [param: string]: Expression };
      readonly dedupe?: Expression;
      readonly where?: Expression;
      readonly respond: "wait" | "accepted";
      readonly overlap: "queue" | "skip" | "replace";
    }
  | {
      readonly kind: "cron";
      readonly expression: string;
      readonly zone: string;
      readonly misfire: "once" | "all" | "skip";
      readonly overlap: "queue" | "skip" | "replace";
      readonly input?: { readonly [param: string]: Expression };
    }
  | {
      readonly kind: "event" | "slack";
      /** Topic pattern, or the Slack channel. */
      readonly topic: string;
      readonly input?: { readonly [param: string]: Expression };
      readonly dedupe?: Expression;
      readonly where?: Expression;
      readonly overlap: "queue" | "skip" | "replace";
      readonly debounceMs?: number;
      readonly batch?: { readonly size: number; readonly withinMs: number };
    };
