import { compileExpression } from "../../plan/evaluate/compile-expression.ts";
import type { Evaluator } from "../../plan/evaluate/names.ts";
import type { Expression } from "../../plan/expression.ts";
import type { ListForm } from "../../plan/known-lists.ts";
import type {
  ActionPlan,
  BlockPlan,
  BudgetPlan,
  Callee,
  CallPlan,
  Program,
  RetryPlan,
  StepPlan,
} from "../../plan/plan.ts";
import { referTo } from "../../plan/schema-reference.ts";
import type { ActionCode, BlockCode, BudgetCode, CallCode, RetryCode, StepCode } from "./code.ts";

/** What calls of these give is decoded. */
const decodes: ReadonlySet<Callee["kind"]> = new Set(["agent", "tool", "flow", "role", "value"]);

/** Compiles blocks and gives each block and step the number that snapshots refer to. */
export class BlockCompiler {
  readonly blocks: BlockCode[] = [];
  readonly steps: StepCode[] = [];
  readonly schemas: Program["schemas"];

  constructor(program: Program) {
    this.schemas = program.schemas;
  }

  expression(expression: Expression): Evaluator {
    return compileExpression(expression, this.schemas);
  }

  optional(expression: Expression | undefined): Evaluator | null {
    return expression === undefined ? null : this.expression(expression);
  }

  retry(retry: RetryPlan): RetryCode {
    return {
      attempts: this.expression(retry.attempts),
      fromMs: this.expression(retry.backoff.fromMs),
      toMs: this.expression(retry.backoff.toMs),
      retryOn: new Set(retry.retryOn),
    };
  }

  budget(budget: BudgetPlan | undefined): BudgetCode | null {
    if (budget === undefined) return null;
    return {
      cost: this.optional(budget.cost),
      tokens: this.optional(budget.tokens),
      timeMs: this.optional(budget.timeMs),
    };
  }

  block(plan: BlockPlan): BlockCode {
    const positions = new Map(plan.steps.map((step, at) => [step.name, at] as const));
    const dependents = plan.steps.map((): number[] => []);
    for (const [at, step] of plan.steps.entries()) {
      for (const name of new Set(step.waits)) {
        const needed = positions.get(name);
        if (needed !== undefined) dependents[needed]?.push(at);
      }
    }
    const parts = {
      lets: new Map(
        plan.lets.map((entry) => [
          entry.name,
          { value: this.expression(entry.value), schema: entry.schema ?? null },
        ]),
      ),
      steps: plan.steps.map((step, at) =>
        this.step(step, { positions, dependents: dependents[at] ?? [] }),
      ),
      stepNames: new Set(positions.keys()),
      output: plan.output === null ? null : this.expression(plan.output),
      outputWaits: [...new Set(plan.outputWaits)],
    };
    // Inner blocks were numbered while `steps` was built, so the number is only known now.
    const code: BlockCode = { index: this.blocks.length, ...parts };
    this.blocks.push(code);
    return code;
  }

  step(
    plan: StepPlan,
    at: { readonly positions: ReadonlyMap<string, number>; readonly dependents: readonly number[] },
  ): StepCode {
    const waits = [...new Set(plan.waits)];
    const { action } = plan;
    const undo = action.kind === "call" ? action.undo : undefined;
    return this.numbered({
      name: plan.name,
      path: plan.path,
      schema: plan.schema,
      inner: waits.filter((name) => at.positions.has(name)).length,
      outer: waits.filter((name) => !at.positions.has(name)),
      dependents: at.dependents,
      action: this.action(action),
      undo: undo === undefined ? null : this.call(undo, `${plan.path}!undo`),
      ...this.guards(action),
    });
  }

  /** The value of a block that gives what one call of it has given, which a `fallback` does not replace. */
  itemForms({ steps, output }: BlockPlan): ListForm["items"] | null {
    const step = output?.op === "name" ? steps.find(({ name }) => name === output.name) : undefined;
    if (step?.action.kind !== "call" || step.action.fallback !== undefined) return null;
    if (!decodes.has(step.action.callee.kind)) return null;
    const schema = this.schemas[step.schema];
    return schema === undefined
      ? null
      : [JSON.stringify(referTo(step.schema)), JSON.stringify(schema)];
  }

  /** A call outside of a block: a compensation. */
  call(plan: CallPlan, path: string): StepCode {
    const { fallback, timeoutMs, budget } = this.guards(plan);
    return this.numbered({
      name: "",
      path,
      schema: null,
      inner: 0,
      outer: [],
      dependents: [],
      action: this.action(plan),
      undo: null,
      fallback,
      timeoutMs,
      budget,
    });
  }

  /** A call with arguments that are already values: an agent's tool. */
  directCall(callee: Callee, path: string): StepCode {
    return this.call({ kind: "call", callee, arguments: {} }, path);
  }

  guards(action: ActionPlan): Pick<StepCode, "fallback" | "timeoutMs" | "budget"> {
    if (action.kind === "value" || action.kind === "if" || action.kind === "match")
      return { fallback: null, timeoutMs: null, budget: null };
    return {
      fallback: action.fallback === undefined ? null : this.block(action.fallback),
      timeoutMs: this.optional(action.timeoutMs),
      budget: this.budget(action.budget),
    };
  }

  numbered(step: Omit<StepCode, "index">): StepCode {
    const code = { index: this.steps.length, ...step };
    this.steps.push(code);
    return code;
  }

  action(plan: ActionPlan): ActionCode {
    switch (plan.kind) {
      case "call":
        return this.callAction(plan);
      case "value":
        return { kind: "value", value: this.expression(plan.value) };
      case "if":
        return {
          kind: "choice",
          subject: this.expression(plan.test),
          arms: [{ values: [true], block: this.block(plan.then) }],
          otherwise: plan.else === null ? null : this.block(plan.else),
        };
      case "match": {
        const otherwise = plan.arms.find((arm) => arm.values.length === 0);
        return {
          kind: "choice",
          subject: this.expression(plan.subject),
          arms: plan.arms
            .filter((arm) => arm.values.length > 0)
            .map((arm) => ({ values: arm.values, block: this.block(arm.block) })),
          otherwise: otherwise === undefined ? null : this.block(otherwise.block),
        };
      }
      case "for":
        return {
          kind: "for",
          variable: plan.variable,
          list: this.expression(plan.list),
          body: this.block(plan.body),
          maxItems: this.expression(plan.maxItems),
          concurrency: this.expression(plan.concurrency),
          tolerate:
            plan.tolerate === undefined
              ? null
              : "count" in plan.tolerate
                ? { count: this.expression(plan.tolerate.count) }
                : plan.tolerate,
          key: this.optional(plan.key),
          needs: this.optional(plan.needs),
          deadLetter: plan.deadLetter ?? null,
          rate: plan.rate ?? null,
          itemForms: this.itemForms(plan.body),
        };
      case "repeat":
        return {
          kind: "repeat",
          body: this.block(plan.body),
          until: this.expression(plan.until),
          maxRounds: this.expression(plan.maxRounds),
          exhausted: plan.exhausted,
          pauseMs: this.optional(plan.pauseMs),
        };
      case "race":
        return { kind: "race", body: this.block(plan.body) };
    }
  }

  callAction(plan: CallPlan): CallCode {
    return {
      kind: "call",
      plan,
      arguments: Object.entries(plan.arguments).map(
        ([name, value]) => [name, this.expression(value)] as const,
      ),
      callee: plan.callee.kind === "value" ? this.expression(plan.callee.value) : null,
      retry: plan.retry === undefined ? null : this.retry(plan.retry),
      where: this.optional(plan.where),
      pauseMs: this.optional(plan.pauseMs),
      idempotencyKey: this.optional(plan.idempotencyKey),
      priority: this.optional(plan.priority),
    };
  }
}
