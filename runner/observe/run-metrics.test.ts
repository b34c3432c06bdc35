import { expect, test } from "vitest";

import type { RunEvent, RunFact } from "../../plan/history.ts";
import { RunMetrics } from "./run-metrics.ts";

const readings = {
  active: 2,
  waiting: 7,
  queued: 0,
  transportConnected: true,
  unexplained: 0,
  leading: false,
  breakers: [{ name: "model fast", open: true }],
};

function events(...facts: readonly (readonly [atMs: number, fact: RunFact])[]): RunEvent[] {
  return facts.map(([atMs, fact], index) => ({ ...fact, seq: index + 1, atMs }));
}

const started: RunFact = {
  kind: "activity.started",
  path: "f.a@1",
  attempt: 1,
  activity: "model",
  callee: "writer",
  model: "fast",
};

test("work is counted and timed by what it is", async () => {
  const metrics = new RunMetrics();
  const spent = { tokensIn: 100, tokensOut: 20, cost: 0.5 };
  const failed: RunFact = {
    kind: "activity.failed",
    path: "f.a@1",
    attempt: 1,
    code: "unavailable",
    message: "m",
  };
  const done: RunFact = {
    kind: "activity.succeeded",
    path: "f.a@1",
    attempt: 2,
    output: null,
    spent,
  };
  const first = events([0, { kind: "run.started", states: [] }], [0, started], [300, failed]);
  metrics.appended({ run: "r", flow: "f", events: first, deadLetters: 0 });
  const rest = events(
    [1_000, { ...started, attempt: 2 }],
    [3_000, done],
    [3_000, { kind: "run.ended", status: "succeeded", output: null, error: null }],
  );
  metrics.appended({ run: "r", flow: "f", events: rest, deadLetters: 1 });
  metrics.flushed(12);
  const lines = (await metrics.text(readings)).split("\n");
  for (const line of [
    'agentflow_runs_started_total{flow="f"} 1',
    'agentflow_runs_ended_total{flow="f",status="succeeded"} 1',
    'agentflow_activity_retries_total{kind="model",callee="writer"} 1',
    'agentflow_activity_failures_total{kind="model",callee="writer",code="unavailable"} 1',
    'agentflow_activity_duration_seconds_sum{kind="model",callee="writer"} 2.3',
    'agentflow_model_request_duration_seconds_count{model="fast"} 2',
    'agentflow_model_tokens_total{model="fast",direction="in"} 100',
    'agentflow_model_tokens_total{model="fast",direction="out"} 20',
    'agentflow_model_cost_dollars_total{model="fast"} 0.5',
    'agentflow_dead_letters_total{flow="f"} 1',
    "agentflow_append_events_sum 6",
    "agentflow_flush_writes_sum 12",
    "agentflow_runs_active 2",
    "agentflow_queue_waiting 7",
    "agentflow_duties_leader 0",
    'agentflow_breaker_open{name="model fast"} 1',
  ])
    expect(lines).toContain(line);
});

test("what waits for people is not timed, and an interrupted run forgets what it had begun", async () => {
  const metrics = new RunMetrics();
  const person: RunFact = { ...started, activity: "person", callee: "boss" };
  const list = events(
    [0, person],
    [0, { ...started, path: "f.b@1" }],
    [5, { kind: "run.interrupted", epoch: 2 }],
    [9, { kind: "activity.succeeded", path: "f.b@1", attempt: 1, output: null }],
  );
  metrics.appended({ run: "r", flow: "f", events: list, deadLetters: 0 });
  expect(await metrics.text(readings)).not.toContain("activity_duration_seconds_count{");
});

test("every metric is in the manual, and the manual has no other", async () => {
  const { readFileSync } = await import("node:fs");
  const { join } = await import("node:path");
  const manual = readFileSync(join(import.meta.dirname, "../../docs/operations.md"), "utf8");
  const text = await new RunMetrics().text(readings);
  const named = [...text.matchAll(/^# HELP (agentflow_\w+) /gm)].map(([, name]) => name);
  const told = [...manual.matchAll(/^\| `(agentflow_\w+)` \|/gm)].map(([, name]) => name);
  expect(new Set(told)).toEqual(new Set(named));
});
