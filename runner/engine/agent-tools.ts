/** The tool loop of an agent: calls of one reply run side by side, and their results go back in order. */

import { assert } from "../../base/assert.ts";
import { sha256 } from "../../base/sha256.ts";
import { equalityKey } from "../../plan/evaluate/equality.ts";
import { fieldOf, isRecord } from "../../plan/evaluate/json-record.ts";
import { namesOf } from "../../plan/evaluate/names.ts";
import { fence } from "../../plan/evaluate/print-value.ts";
import type { Json } from "../../plan/expression.ts";
import type { ModelCall } from "../../plan/history.ts";
import type { AgentState, Args, PendingCall } from "./act-state.ts";
import type { AgentCode, StepCode, ToolUseCode } from "./code.ts";
import { decoded } from "./finish-task.ts";
import { stepError } from "./failure.ts";
import type { Ending } from "./nodes.ts";
import { TaskNode } from "./nodes.ts";
import type { RunState } from "./run-state.ts";
import { addChild, fail } from "./tree.ts";

/** Where the agent may pass the conversation now, by the name of the tool that does it. Each arrow is used once. */
export function handoffTargets(task: TaskNode, state: AgentState): ReadonlyMap<string, string> {
  const { action } = task.code;
  if (action.kind !== "call" || action.plan.handoffs === undefined) return new Map();
  if (state.arrows.length >= (action.plan.maxHandoffs ?? Number.MAX_SAFE_INTEGER)) return new Map();
  const open = (action.plan.handoffs[state.agent] ?? []).filter(
    (target) => !state.arrows.includes(`${state.agent}>${target}`),
  );
  return new Map(
    open.map(
      (target) => [`transfer_to_${target.replaceAll(/[^A-Za-z0-9_-]/g, "_")}`, target] as const,
    ),
  );
}

export function beginToolCalls(
  run: RunState,
  task: TaskNode,
  { state, calls }: { readonly state: AgentState; readonly calls: readonly ModelCall[] },
): void {
  const code = codeOf(run, state);
  const counts = new Map<string, number>();
  state.calls = calls.map((call) => {
    const nth = (counts.get(call.name) ?? 0) + 1;
    counts.set(call.name, nth);
    const path = `${state.base}@${state.requests}.${call.name}${nth === 1 ? "" : `:${nth}`}`;
    return { call, path, args: null, phase: "call", result: "" };
  });
  for (const pending of state.calls) begin(run, task, { code, pending });
}

function codeOf(run: RunState, state: AgentState): AgentCode {
  const code = run.program.agents.get(state.agent);
  assert(code !== undefined, () => `no agent ${state.agent}`);
  return code;
}

/** Arguments that do not fit, or a tool that does not exist, are told to the model, which may try again. */
function begin(
  run: RunState,
  task: TaskNode,
  { code, pending }: { readonly code: AgentCode; readonly pending: PendingCall },
): void {
  const use = code.tools.get(pending.call.name);
  if (use === undefined) {
    done(pending, `There is no tool ${pending.call.name}.`);
    return;
  }
  const given = decoded(run, use.input, pending.call.arguments);
  if (!given.ok) {
    done(pending, `Error invalid_input: ${given.message}`);
    return;
  }
  const state = task.act;
  if (state?.kind !== "agent") return;
  pending.args = completed(run, { use, given: given.value, args: state.args });
  if (use.confirm === null) {
    startInner(run, task, {
      code: use.step,
      path: pending.path,
      args: pending.args,
      keyName: deedName(run, state, { use, args: pending.args }),
    });
    return;
  }
  pending.phase = "confirm";
  const { args } = pending;
  const asked = Object.fromEntries(use.confirm.params.map((param) => [param, args[param] ?? null]));
  startInner(run, task, { code: use.confirm.step, path: `${pending.path}!confirm`, args: asked });
}

function completed(
  run: RunState,
  { use, given, args }: { readonly use: ToolUseCode; readonly given: Json; readonly args: Args },
): Args {
  const names = namesOf(args, run.config);
  const fixed = use.fixed.map(([param, value]) => [param, value(names)] as const);
  return { ...(isRecord(given) ? given : {}), ...Object.fromEntries(fixed) };
}

/**
 * What a call of a tool is known by to the tool: its arguments, and how often it was called with them. An agent that is
 * tried again and decides the same does not act twice; one that decides otherwise is not taken for a repeat.
 */
function deedName(
  run: RunState,
  state: AgentState,
  { use, args }: { readonly use: ToolUseCode; readonly args: Args },
): string {
  const deed = `${use.name}(${sha256(equalityKey(args)).slice(0, 16)})`;
  const times = (state.deeds[deed] ?? 0) + 1;
  state.deeds[deed] = times;
  run.generations = true;
  return times === 1 ? deed : `${deed}:${times}`;
}

function startInner(
  run: RunState,
  task: TaskNode,
  given: {
    readonly code: StepCode;
    readonly path: string;
    readonly args: Args;
    readonly keyName?: string;
  },
): void {
  const { code, path, args, keyName } = given;
  const inner = new TaskNode({
    code,
    scope: task.scope,
    path,
    parent: task,
    args,
    ...(keyName === undefined ? {} : { keyName }),
  });
  addChild(task, inner);
  run.later(inner);
}

function done(pending: PendingCall, result: string): void {
  pending.phase = "done";
  pending.result = result;
}

/** True once every call of the reply has its result. */
export function toolCallEnded(
  run: RunState,
  task: TaskNode,
  { child, ending }: { readonly child: TaskNode; readonly ending: Ending },
): boolean {
  const state = task.act;
  if (state?.kind !== "agent") return false;
  const pending = state.calls.find(
    (call) => call.path === child.path || `${call.path}!confirm` === child.path,
  );
  const use = pending === undefined ? undefined : codeOf(run, state).tools.get(pending.call.name);
  if (pending === undefined || use === undefined || ending.kind === "cancelled") return false;
  if (ending.kind === "failed") return toolFailed(run, task, { pending, use, ending });
  if (pending.phase === "confirm")
    return confirmed(run, task, { pending, use, answer: ending.value });
  done(pending, resultText(run, use, ending.value));
  return allDone(state);
}

/** What a tool that only reads could not do, the model may do without; a deed that failed ends the agent. */
function toolFailed(
  run: RunState,
  task: TaskNode,
  {
    pending,
    use,
    ending,
  }: {
    readonly pending: PendingCall;
    readonly use: ToolUseCode;
    readonly ending: Extract<Ending, { kind: "failed" }>;
  },
): boolean {
  const { error } = ending;
  if (use.acts) {
    fail(
      run,
      task,
      stepError(task, "tool_error", `${use.name} failed with ${error.code}: ${error.message}`),
    );
    return false;
  }
  done(pending, `Error ${error.code}: ${error.message}`);
  return task.act?.kind === "agent" && allDone(task.act);
}

function confirmed(
  run: RunState,
  task: TaskNode,
  {
    pending,
    use,
    answer,
  }: { readonly pending: PendingCall; readonly use: ToolUseCode; readonly answer: Json },
): boolean {
  if (fieldOf(answer, "approved") === true) {
    pending.phase = "call";
    const args = pending.args ?? {};
    const state = task.act;
    if (state?.kind !== "agent") return false;
    startInner(run, task, {
      code: use.step,
      path: pending.path,
      args,
      keyName: deedName(run, state, { use, args }),
    });
    return false;
  }
  done(pending, `Not approved, so not done: ${JSON.stringify(answer)}`);
  return task.act?.kind === "agent" && allDone(task.act);
}

function allDone(state: AgentState): boolean {
  return state.calls.every((call) => call.phase === "done");
}

/** Results from outside are data, never instructions. */
function resultText(run: RunState, use: ToolUseCode, value: Json): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const { action } = use.step;
  const callee =
    action.kind === "call" && action.plan.callee.kind === "tool"
      ? run.program.program.tools[action.plan.callee.name]
      : undefined;
  return callee?.labels.untrusted === true ? fence(text) : text;
}
