/**
 * Agents: a conversation of model requests, tool calls, handoffs and one repair, durable request by request. Paths:
 * `P@3` is the third request of the call at P, `P@3.search` a tool call it asked for, `P@3.search:2` the second
 * call of that tool in the same reply, `P@3.payBack!confirm` the question before a call.
 */

import { assert } from "../../base/assert.ts";
import { fieldOf, isList, isRecord } from "../../plan/evaluate/json-record.ts";
import { namesOf } from "../../plan/evaluate/names.ts";
import type { FileValue, Json } from "../../plan/expression.ts";
import type { ErrorValue, ModelAnswer, ModelCall } from "../../plan/history.ts";
import type { AgentState, Args } from "./act-state.ts";
import type { ConversationMessage } from "./activity.ts";
import { beginToolCalls, handoffTargets } from "./agent-tools.ts";
import type { AgentCode, ModelCode } from "./code.ts";
import { succeed } from "./finish-call.ts";
import { decoded } from "./finish-task.ts";
import { stepError, transientCodes } from "./failure.ts";
import { addLeaf } from "./leaves.ts";
import type { LeafNode, TaskNode } from "./nodes.ts";
import { requestReserve } from "./request-size.ts";
import { backoffMs, mayTry } from "./retry.ts";
import type { RunState } from "./run-state.ts";
import { fail, setTimer } from "./tree.ts";

export function startAgent(
  run: RunState,
  task: TaskNode,
  { agent, base }: { readonly agent: string; readonly base: string },
): void {
  const { act } = task;
  assert(act !== null && (act.kind === "call" || act.kind === "agent"), "an agent is called");
  const { args, callee, innerTries, outerTries, cacheKey, loaded, limitMs } = act;
  const state: AgentState = {
    kind: "agent",
    args,
    callee,
    innerTries,
    outerTries,
    limitMs,
    retryAfterMs: 0,
    cacheKey,
    loaded,
    agent,
    base,
    system: null,
    messages: memoryOf(task),
    prompt: "",
    requests: 0,
    turns: 0,
    repaired: false,
    arrows: [],
    calls: [],
    deeds: {},
    modelIndex: 0,
    modelTries: 0,
    requestAttempt: 0,
  };
  task.act = state;
  const code = agentCode(run, agent);
  for (const example of code.plan.examples) {
    const names = namesOf(isRecord(example.input) ? example.input : {}, run.config);
    state.messages.push(
      { role: "user", text: String(code.prompt(names)) },
      { role: "assistant", text: asText(example.output) },
    );
  }
  beginLeg(run, task, state);
}

export function agentCode(run: RunState, name: string): AgentCode {
  const code = run.program.agents.get(name);
  assert(code !== undefined, () => `no agent ${name}`);
  return code;
}

/** The agent that has the conversation now begins: at the start of the call and after each handoff. */
export function beginLeg(run: RunState, task: TaskNode, state: AgentState): void {
  const code = agentCode(run, state.agent);
  const names = namesOf(state.args, run.config);
  state.system = code.system === null ? null : String(code.system(names));
  state.prompt = String(code.prompt(names));
  state.turns = 0;
  state.repaired = false;
  state.modelIndex = 0;
  const files = code.files
    .map((file) => file(names))
    .filter((file): file is Json & FileValue => isRecord(file));
  state.messages.push({
    role: "user",
    text: state.prompt,
    ...(files.length === 0 ? {} : { files }),
  });
  if (chain(run, task, state)[0]?.plan.provider === "human") {
    addLeaf(run, task, {
      activity: "person",
      callee: state.agent,
      path: personPath(state),
      attempt: 1,
    });
    return;
  }
  nextRequest(run, task, state);
}

/** A person asked in the middle of a conversation gets a path of their own. */
function personPath(state: AgentState): string {
  return state.requests === 0 ? state.base : `${state.base}@${state.requests + 1}`;
}

function nextRequest(run: RunState, task: TaskNode, state: AgentState): void {
  state.requests += 1;
  state.turns += 1;
  state.modelTries = 0;
  state.requestAttempt = 0;
  request(run, task, state);
}

/** One try of the current request. */
export function request(run: RunState, task: TaskNode, state: AgentState): void {
  state.requestAttempt += 1;
  state.modelTries += 1;
  addLeaf(run, task, {
    activity: "model",
    callee: state.agent,
    path: `${state.base}@${state.requests}`,
    attempt: state.requestAttempt,
    reserves: requestReserve(state, {
      agent: agentCode(run, state.agent).plan,
      model: currentModel(run, task, state).plan,
    }),
  });
}

export function currentModel(run: RunState, task: TaskNode, state: AgentState): ModelCode {
  const models = chain(run, task, state);
  const model = models[state.modelIndex] ?? models[0];
  assert(model !== undefined, () => `no model for ${state.agent}`);
  return model;
}

/** The model and its backups. `model` of the call replaces that of the agent that was called. */
function chain(run: RunState, task: TaskNode, state: AgentState): readonly ModelCode[] {
  const { action } = task.code;
  const override =
    action.kind === "call" && state.agent === state.callee?.name ? action.plan.model : undefined;
  const first = run.program.models.get(override ?? agentCode(run, state.agent).plan.model);
  if (first === undefined) return [];
  return [first, ...first.plan.backups.flatMap((name) => run.program.models.get(name) ?? [])];
}

/** Another try of the same model, or the next backup, or the end of the agent's try. */
export function requestFailed(
  run: RunState,
  task: TaskNode,
  {
    leaf,
    error,
    retryAfterMs,
  }: { readonly leaf: LeafNode; readonly error: ErrorValue; readonly retryAfterMs: number },
): void {
  const state = task.act;
  if (state?.kind !== "agent") return;
  const model = currentModel(run, task, state);
  const names = namesOf({}, run.config);
  const hasBackup = chain(run, task, state)[state.modelIndex + 1] !== undefined;
  const skips = error.code === "circuit_open" && hasBackup;
  if (!skips && mayTry(model.retry, names, { code: error.code, tries: state.modelTries })) {
    const seed = `${run.created?.run ?? ""} ${leaf.path} ${leaf.attempt}`;
    const pause = Math.max(
      backoffMs(model.retry, names, { nth: state.modelTries, seed }),
      retryAfterMs,
    );
    run.observer?.stepRetries(task, run.nowMs + pause, run);
    setTimer(run, task, { kind: "backoff", path: leaf.path, dueMs: run.nowMs + pause });
    return;
  }
  if (transientCodes.has(error.code) && hasBackup) {
    state.modelIndex += 1;
    state.modelTries = 0;
    request(run, task, state);
    return;
  }
  state.retryAfterMs = retryAfterMs;
  fail(run, task, error);
}

/** A model has answered: with tool calls, or finally. */
export function requestDone(run: RunState, task: TaskNode, answer: Json): void {
  const state = task.act;
  if (state?.kind !== "agent") return;
  const reply = readAnswer(answer);
  state.messages.push({
    role: "assistant",
    text: reply.text,
    ...(reply.calls.length === 0 ? {} : { calls: reply.calls }),
    ...(reply.opaque === undefined ? {} : { opaque: reply.opaque }),
  });
  if (reply.calls.length === 0) finalAnswer(run, task, { state, reply });
  else useTools(run, task, { state, calls: reply.calls });
}

function readAnswer(answer: Json): ModelAnswer {
  const calls = fieldOf(answer, "calls");
  const opaque = isRecord(answer) ? answer["opaque"] : undefined;
  const value = isRecord(answer) ? answer["value"] : undefined;
  return {
    text: String(fieldOf(answer, "text") ?? ""),
    calls: isList(calls) ? (calls as unknown as readonly ModelCall[]) : [],
    ...(opaque === undefined ? {} : { opaque }),
    ...(value === undefined ? {} : { value }),
  };
}

function useTools(
  run: RunState,
  task: TaskNode,
  { state, calls }: { readonly state: AgentState; readonly calls: readonly ModelCall[] },
): void {
  state.turns += calls.length - 1;
  const { maxTurns } = agentCode(run, state.agent).plan;
  const handoff = calls.find((call) => handoffTargets(task, state).has(call.name));
  if (handoff === undefined && state.turns >= maxTurns) {
    fail(
      run,
      task,
      stepError(
        task,
        "too_many_turns",
        `${state.agent} has used its ${maxTurns} turns without an answer`,
      ),
    );
    return;
  }
  if (handoff === undefined) {
    beginToolCalls(run, task, { state, calls });
    if (state.calls.every((call) => call.phase === "done")) continueConversation(run, task);
    return;
  }
  const target = handoffTargets(task, state).get(handoff.name) ?? state.agent;
  for (const call of calls) {
    state.messages.push({
      role: "tool",
      callId: call.id,
      name: call.name,
      text: call === handoff ? `${target} takes over.` : `Not done: ${target} takes over.`,
    });
  }
  state.arrows.push(`${state.agent}>${target}`);
  state.agent = target;
  beginLeg(run, task, state);
}

/** All tool calls of the last reply have results: the model is asked again. */
export function continueConversation(run: RunState, task: TaskNode): void {
  const state = task.act;
  if (state?.kind !== "agent") return;
  for (const { call, result } of state.calls)
    state.messages.push({ role: "tool", callId: call.id, name: call.name, text: result });
  state.calls = [];
  nextRequest(run, task, state);
}

function finalAnswer(
  run: RunState,
  task: TaskNode,
  { state, reply }: { readonly state: AgentState; readonly reply: ModelAnswer },
): void {
  const code = agentCode(run, state.agent);
  const value = code.text ? reply.text : (reply.value ?? null);
  const unread = !code.text && reply.value === undefined;
  const checked = unread
    ? ({ ok: false, message: "the answer is not JSON" } as const)
    : checkAnswer(run, { code, args: state.args, value });
  if (checked.ok) {
    succeed(run, task, checked.value);
    return;
  }
  if (state.repaired) {
    fail(run, task, stepError(task, "invalid_output", checked.message));
    return;
  }
  state.repaired = true;
  state.messages.push({
    role: "user",
    text: `That answer cannot be used: ${checked.message}. Give the whole answer again, corrected.`,
  });
  state.turns -= 1;
  nextRequest(run, task, state);
}

type Checked =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly message: string };

/** The full schema, then the agent's `check`s, which see its parameters and `output`. */
export function checkAnswer(
  run: RunState,
  { code, args, value }: { readonly code: AgentCode; readonly args: Args; readonly value: Json },
): Checked {
  const result = decoded(run, code.plan.returns, value);
  if (!result.ok) return result;
  const names = namesOf({ ...args, output: result.value }, run.config);
  const broken = code.checks
    .filter((check) => check.test(names) !== true)
    .map((check) => check.message);
  return broken.length === 0 ? result : { ok: false, message: broken.join("; ") };
}

/** The conversation so far, for a call with `memory`. */
function memoryOf(task: TaskNode): ConversationMessage[] {
  const { action } = task.code;
  const memory = action.kind === "call" ? action.plan.memory : undefined;
  const stored = memory === undefined ? null : (task.scope.lookup(memory) ?? null);
  if (!isList(stored)) return [];
  return stored.map((message): ConversationMessage => {
    const text = String(fieldOf(message, "text") ?? "");
    return fieldOf(message, "role") === "assistant"
      ? { role: "assistant", text }
      : { role: "user", text };
  });
}

function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
