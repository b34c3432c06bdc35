/** `repeat`: rounds one after the other. */

import { numberOf } from "../../plan/evaluate/arithmetic.ts";
import { tryEvaluate } from "../../plan/evaluate/names.ts";
import type { Json } from "../../plan/expression.ts";
import type { RepeatCode } from "./code.ts";
import { stepError } from "./failure.ts";
import { finishTask } from "./finish-task.ts";
import type { ScopeNode, TaskNode } from "./nodes.ts";
import type { RunState } from "./run-state.ts";
import { openScope } from "./scopes.ts";
import { fail, setTimer } from "./tree.ts";

export function startRepeat(run: RunState, task: TaskNode, code: RepeatCode): void {
  task.act = {
    kind: "repeat",
    maxRounds: numberOf(code.maxRounds(task.scope)),
    round: 0,
    last: null,
  };
  nextRound(run, task, code);
}

export function nextRound(run: RunState, task: TaskNode, code: RepeatCode): void {
  const { act } = task;
  if (act?.kind !== "repeat") return;
  if (act.round >= act.maxRounds) {
    spent(run, task, { code, last: act.last });
    return;
  }
  act.round += 1;
  openScope(run, {
    parent: task,
    code: code.body,
    outer: task.scope,
    path: `${task.path}#${act.round}`,
    values: [["previous", act.last]],
  });
}

function spent(
  run: RunState,
  task: TaskNode,
  { code, last }: { readonly code: RepeatCode; readonly last: Json },
): void {
  if (code.exhausted === "keep") finishTask(run, task, last);
  else
    fail(
      run,
      task,
      stepError(
        task,
        "exhausted",
        `${task.act?.kind === "repeat" ? task.act.maxRounds : 0} rounds were not enough`,
      ),
    );
}

export function roundDone(
  run: RunState,
  task: TaskNode,
  {
    code,
    scope,
    value,
  }: { readonly code: RepeatCode; readonly scope: ScopeNode; readonly value: Json },
): void {
  const { act } = task;
  if (act?.kind !== "repeat") return;
  act.last = value;
  const until = tryEvaluate(code.until, scope);
  if (!until.ok) {
    fail(run, task, stepError(task, "invalid_input", until.message));
    return;
  }
  if (until.value === true) {
    finishTask(run, task, value);
    return;
  }
  const pauseMs =
    code.pauseMs === null || act.round >= act.maxRounds ? 0 : numberOf(code.pauseMs(task.scope));
  if (pauseMs > 0)
    setTimer(run, task, { kind: "pause", path: task.path, dueMs: run.nowMs + pauseMs });
  else run.later(task);
}
