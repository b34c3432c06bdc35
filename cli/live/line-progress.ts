import type { RunDetail, StepView } from "../../runner/index.ts";
import { now } from "../system-clock.ts";
import type { Terminal } from "../terminal.ts";
import { formatTime, usageFigures } from "./figures.ts";
import type { Progress } from "./progress.ts";
import { pathSegments } from "./step-tree.ts";
import { summaryLine } from "./tree-progress.ts";

/** One line for each thing that happens, for logs and pipes. */
export function lineProgress(terminal: Terminal): Progress {
  const seen = new Map<string, string>();
  let before = new Set<StepView>();
  let begun = false;

  const show = (run: RunDetail): void => {
    if (!begun) terminal.err(`${run.flow} ${run.id}\n`);
    begun = true;
    const changed = run.steps.filter((step) => !before.has(step));
    before = new Set(run.steps);
    for (const step of inOrderOfTime(changed)) {
      const state = `${step.status} ${step.attempt}`;
      if (seen.get(step.path) === state) continue;
      seen.set(step.path, state);
      const line = stepLine(step);
      if (line !== undefined) terminal.err(`${line}\n`);
    }
  };

  return {
    update: show,
    note: (text) => terminal.err(`${text}\n`),
    suspend: () => undefined,
    resume: () => undefined,
    finish(run) {
      show(run);
      terminal.err(`${summaryLine(run, terminal)}\n`);
    },
  };
}

/** Steps are given in the order they began; what happened last is told last, and the inner before the outer. */
function inOrderOfTime(steps: readonly StepView[]): readonly StepView[] {
  const timeOf = ({ startedAtMs, endedAtMs }: StepView): number => endedAtMs ?? startedAtMs ?? 0;
  const isEnded = ({ endedAtMs }: StepView): boolean => endedAtMs !== null;
  return [...steps].sort((a, b) => {
    const between = timeOf(a) - timeOf(b);
    if (between !== 0) return between;
    return isEnded(a) && isEnded(b) ? pathSegments(b.path).length - pathSegments(a.path).length : 0;
  });
}

/** Undefined for what is not worth a line: a step that has not begun. */
function stepLine(step: StepView): string | undefined {
  if (step.status === "pending" || step.status === "skipped") return undefined;
  const word = step.status.padEnd(9);
  const callee =
    step.callee === null || step.path.endsWith(`.${step.callee}`) ? "" : ` (${step.callee})`;
  return [`  ${word} ${step.path}${callee}`, ...facts(step)].join("  ");
}

function facts(step: StepView): readonly string[] {
  const parts: string[] = [];
  if (step.attempt > 1) parts.push(`attempt ${step.attempt}`);
  if (step.endedAtMs !== null) {
    const time = formatTime(step.startedAtMs, step.endedAtMs, now());
    if (time !== undefined) parts.push(time);
    parts.push(...usageFigures(step));
  }
  if (step.progress !== null && step.endedAtMs !== null) {
    const { done, failed } = step.progress;
    parts.push(failed > 0 ? `${done} done, ${failed} failed` : `${done} done`);
  }
  if (step.error !== null && step.status !== "succeeded")
    parts.push(`${step.error.code}: ${step.error.message.replace(/\s+/g, " ")}`);
  return parts;
}
