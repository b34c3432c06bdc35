import { assert, required } from "../../base/assert.ts";
import { tryEvaluate } from "../../plan/evaluate/names.ts";
import type { Evaluator } from "../../plan/evaluate/names.ts";
import type { Json } from "../../plan/expression.ts";
import type { Admission } from "./machine.ts";
import { priorityOf } from "./priority.ts";
import type { Activity, OfferedTool, PersonActivity } from "./activity.ts";
import type { AgentState, Args, CallState } from "./act-state.ts";
import { handoffTargets } from "./agent-tools.ts";
import { agentCode, currentModel } from "./agents.ts";
import { isBudgeted } from "./budget.ts";
import { callSlot, flowSlot, sharedRate } from "./flow-limits.ts";
import { stateKeys } from "./flows.ts";
import { idempotencyKey } from "./idempotency.ts";
import { nearCalls } from "./near-calls.ts";
import type { FlowNode, LeafNode, TaskNode } from "./nodes.ts";
import { defaultMaxOutput, maxOutputTokens } from "./request-size.ts";
import type { RunState } from "./run-state.ts";
import { stubAnswer } from "./stubs.ts";

/** All that the worker has to know to do an activity. */
export function buildActivity(run: RunState, leaf: LeafNode): Activity {
  const { owner, path, attempt, callee } = leaf;
  const timeoutMs = null;
  if (owner.kind === "flow") return flowActivity(run, leaf, owner);
  // Written out field by field: spreading records here was a third of the cost of a step.
  const { act } = owner;
  assert(
    act !== null && (act.kind === "call" || act.kind === "agent"),
    () => `${path} belongs to no call`,
  );
  switch (leaf.activity) {
    case "tool": {
      const key = idempotencyKey(run, leaf);
      return {
        kind: "tool",
        path,
        attempt,
        callee,
        timeoutMs: act.limitMs,
        tool: callee,
        arguments: act.args,
        key,
      };
    }
    case "stub":
      return stubActivity(run, { leaf, task: owner, act });
    case "cache":
      return cacheActivity(run, { leaf, task: owner, act });
    case "emit": {
      const data = act.args["data"] ?? null;
      return {
        kind: "emit",
        path,
        attempt,
        callee,
        timeoutMs,
        topic: callee,
        data,
        key: idempotencyKey(run, leaf),
      };
    }
    case "receive":
      return { kind: "receive", path, attempt, callee, timeoutMs, topic: callee };
    case "model":
      assert(act.kind === "agent", () => `${path} belongs to no agent`);
      return modelActivity(run, { leaf, task: owner, state: act });
    case "person":
      assert(act.kind === "agent", () => `${path} belongs to no agent`);
      return personActivity(run, { leaf, task: owner, state: act });
    case "turn":
    case "slot":
    case "state":
      return { kind: "state", path, attempt, callee, timeoutMs, states: [] };
  }
}

/** What a flow needs before it begins. */
function flowActivity(run: RunState, leaf: LeafNode, { code, args }: FlowNode): Activity {
  const { path, attempt, callee, activity } = leaf;
  const place = { path, attempt, callee, timeoutMs: null };
  if (activity === "turn")
    return { kind: "turn", ...place, ...required(sharedRate(run, code, args), "a rate") };
  if (activity === "slot")
    return { kind: "slot", ...place, ...required(callSlot(run, code, args), "a limit") };
  return { kind: "state", ...place, states: stateKeys(run, code, args) };
}

function cacheActivity(run: RunState, { leaf, task, act }: LeafOfCall): Activity {
  const { path, attempt, callee } = leaf;
  const { action } = task.code;
  // What had no room in a budget is not paid for.
  const mayPlace = leaf.reserved !== null || !isBudgeted(leaf);
  const near =
    mayPlace && act.kind === "call" && action.kind === "call" ? nearCalls(run, action, act) : null;
  const timeoutMs = near === null ? null : nearTimeoutMs;
  return { kind: "cache", path, attempt, callee, timeoutMs, key: act.cacheKey ?? "", near };
}

interface LeafOfCall {
  readonly leaf: LeafNode;
  readonly task: TaskNode;
  readonly act: CallState | AgentState;
}

/** Looking for a similar call must not take longer than the call itself. */
const nearTimeoutMs = 10_000;

function stubActivity(run: RunState, { leaf, task, act }: LeafOfCall): Activity {
  const { path, attempt, callee } = leaf;
  const stub = run.program.stubs[callee];
  assert(stub !== undefined, () => `no stub for ${callee}`);
  const { answer, delayMs, cost } = stubAnswer(stub, act.kind === "call" ? act.stubIndex : 0);
  return {
    kind: "stub",
    path,
    attempt,
    callee,
    timeoutMs: stubLimit(run, task),
    arguments: act.args,
    answer,
    delayMs,
    cost,
  };
}

/** A stubbed agent is given as long as its model would be. */
function stubLimit(run: RunState, task: TaskNode): number | null {
  const { act } = task;
  const limit = act?.kind === "call" ? act.limitMs : null;
  if (limit !== null || act?.kind !== "call" || act.callee?.kind !== "agent") return limit;
  const model = run.program.models.get(agentCode(run, act.callee.name).plan.model);
  return model === undefined || model.plan.provider === "human" ? null : model.plan.timeoutMs;
}

interface Conversation {
  readonly leaf: LeafNode;
  readonly task: TaskNode;
  readonly state: AgentState;
}

function modelActivity(run: RunState, { leaf, task, state }: Conversation): Activity {
  const code = agentCode(run, state.agent);
  const model = currentModel(run, task, state);
  const limit = maxOutputTokens(code.plan, model.plan);
  return {
    kind: "model",
    path: leaf.path,
    attempt: leaf.attempt,
    callee: state.agent,
    timeoutMs: model.plan.timeoutMs,
    model: model.name,
    system: state.system,
    messages: [...state.messages],
    tools: offeredTools(run, task, state),
    output: code.text ? null : code.plan.returns,
    maxOutputTokens: limit ?? (isBudgeted(leaf) ? defaultMaxOutput : null),
    key: idempotencyKey(run, leaf),
  };
}

function offeredTools(run: RunState, task: TaskNode, state: AgentState): readonly OfferedTool[] {
  const own = [...agentCode(run, state.agent).tools.values()].map(
    ({ name, description, input }) => ({ name, description, input }),
  );
  const handoffs = [...handoffTargets(task, state)].map(([name, target]) => ({
    name,
    description:
      `Hands the conversation over to ${target}. ${agentCode(run, target).plan.doc ?? ""}`.trim(),
    input: null,
  }));
  return [...own, ...handoffs];
}

function personActivity(run: RunState, { leaf, task, state }: Conversation): PersonActivity {
  const code = agentCode(run, state.agent);
  const due = task.timers?.find((timer) => timer.kind === "timeout" && !timer.off);
  return {
    kind: "person",
    path: leaf.path,
    attempt: leaf.attempt,
    callee: state.agent,
    timeoutMs: null,
    agent: state.agent,
    model: currentModel(run, task, state).name,
    question: state.prompt,
    schema: code.plan.returns,
    dueAtMs: due?.dueMs ?? null,
    problem: leaf.problem,
  };
}

/** Whether a repeat of this activity, which a crash caught in flight, cannot do harm. */
export function mayRestart(run: RunState, leaf: LeafNode): boolean {
  if (leaf.activity !== "tool" || leaf.owner.kind !== "task") return true;
  const { action } = leaf.owner.code;
  const own = action.kind === "call" ? action.plan.restart : undefined;
  return own ?? run.program.program.tools[leaf.callee]?.restart ?? false;
}

/** Slots, states and priority. What cannot be evaluated fails the flow when it begins, not here. */
export function admissionOf(run: RunState): Admission {
  const { created } = run;
  const code = created === null ? undefined : run.program.flows.get(created.flow);
  assert(created !== null && code !== undefined, "the run has been created");
  const args: Args = created.input;
  const evaluate = (evaluator: Evaluator | null): Json => {
    if (evaluator === null) return "";
    const lookup = (name: string): Json | undefined => args[name] ?? run.contextValue(name);
    const evaluated = tryEvaluate(evaluator, { lookup, config: (name) => run.config[name] });
    return evaluated.ok ? evaluated.value : "";
  };
  const states = stateKeys(run, code, args);
  const keys = new Set(states.map(({ flow, key }) => `state ${flow} ${key}`));
  const slots = [...(created.slots ?? []), ...[...keys].map((key) => ({ key, limit: 1 }))];
  const slot = flowSlot(run, code, args);
  if (slot !== null) slots.unshift(slot);
  return { slots, states, priority: priorityOf(evaluate(code.priority)) };
}
