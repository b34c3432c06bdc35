import type { Json } from "../../plan/expression.ts";
import type { RunEvent } from "../../plan/history.ts";
import type { RunDetail, Runner, StepView } from "../../runner/index.ts";

/** What a run came to, without what differs from one carrying of it to the next: its id, and when things happened. */
export interface NormalForm {
  readonly status: string;
  readonly history: readonly Json[];
  readonly result: Json;
  readonly steps: readonly Json[];
}

export async function normalForm(runner: Runner, run: string): Promise<NormalForm> {
  const detail = await runner.show(run);
  if (detail === null) throw new Error(`run ${run} is gone`);
  const events = await runner.events(run);
  return {
    status: detail.status,
    history: events.map((event) => ofEvent(event, run)),
    result: ofResult(detail, run),
    steps: detail.steps.map((step) => ofStep(step, run)),
  };
}

/** The same, where the engine leaves open which of several things that go on at once comes first. */
export function unordered(form: NormalForm): NormalForm {
  const sorted = (values: readonly Json[]): readonly Json[] =>
    [...values].sort((left, right) => compare(pathOf(left), pathOf(right)));
  return { ...form, history: sorted(form.history), steps: sorted(form.steps) };
}

function pathOf(value: Json): string {
  return typeof value === "object" && value !== null && "path" in value ? String(value.path) : "";
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Events from outside are known by their topic and data, ids and times are given when they are published. */
function ofEvent(event: RunEvent, run: string): Json {
  const { atMs: _atMs, seq: _seq, ...fact } = event;
  if (fact.kind !== "event.received") return withoutIds(fact, run);
  const { topic, data } = fact.event;
  return withoutIds({ ...fact, event: { topic, data } }, run);
}

function ofResult(detail: RunDetail, run: string): Json {
  const { status, output, error, cost, tokensIn, tokensOut, flow, planHash, input } = detail;
  return withoutIds(
    { status, output, error, cost, tokensIn, tokensOut, flow, planHash, input },
    run,
  );
}

function ofStep({ startedAtMs, endedAtMs, ...step }: StepView, run: string): Json {
  const known = { began: startedAtMs !== null, ended: endedAtMs !== null };
  return withoutIds({ ...step, ...known }, run);
}

/** Times inside facts: when a timer was due, a rate gave a turn, a state was stored. */
const times: ReadonlySet<string> = new Set(["atMs", "dueMs"]);

function withoutIds(value: unknown, run: string): Json {
  const text = JSON.stringify(value, (key, inner: unknown) => (times.has(key) ? null : inner));
  return JSON.parse(text.replaceAll(run, "<run>")) as Json;
}
