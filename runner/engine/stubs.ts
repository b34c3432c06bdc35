/** Answers of tests instead of agents and tools. */

import type { StubPlan } from "../../plan/test-plan.ts";
import type { StubActivity } from "./activity.ts";
import { addLeaf } from "./leaves.ts";
import type { TaskNode } from "./nodes.ts";
import type { RunState } from "./run-state.ts";

export interface StubAnswer {
  readonly answer: StubActivity["answer"];
  readonly delayMs: number;
  /** Dollars. */
  readonly cost: number;
}

export function startStub(
  run: RunState,
  task: TaskNode,
  { stub, callee }: { readonly stub: StubPlan; readonly callee: string },
): void {
  if (task.act?.kind !== "call") return;
  const index = run.stubCalls.get(callee) ?? 0;
  const { cost } = stubAnswer(stub, index);
  task.act.stubIndex = index;
  const reserves = { cost: Math.round(cost * 1_000_000), tokens: 0 };
  const leaf = addLeaf(run, task, {
    activity: "stub",
    callee,
    path: task.path,
    attempt: task.attempt,
    reserves,
  });
  if (leaf !== null) run.stubCalls.set(callee, index + 1);
}

/** What call number `index`, from 0, is answered with. */
export function stubAnswer(stub: StubPlan, index: number): StubAnswer {
  switch (stub.kind) {
    case "value":
    case "fail":
      return { answer: stub, delayMs: 0, cost: 0 };
    case "costs": {
      const then = stubAnswer(stub.then, index);
      return { ...then, cost: then.cost + stub.amount };
    }
    case "slow": {
      const then = stubAnswer(stub.then, index);
      return { ...then, delayMs: then.delayMs + stub.delayMs };
    }
    case "sequence": {
      const item = stub.items[Math.min(index, stub.items.length - 1)];
      if (item === undefined)
        return {
          answer: { kind: "fail", code: "internal", message: "the sequence is empty" },
          delayMs: 0,
          cost: 0,
        };
      return stubAnswer(item, index);
    }
  }
}
