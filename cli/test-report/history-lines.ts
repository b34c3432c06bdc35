import type { Json } from "../../plan/expression.ts";
import type { RunEvent } from "../../plan/history.ts";
import { statusMark } from "../live/tree-lines.ts";
import type { Colors } from "../terminal.ts";

interface Activity {
  readonly path: string;
  readonly callee: string;
  attempts: number;
  outcome: "succeeded" | "failed" | "running";
  text: string;
}

/** One line for each activity of a run, in order of start: `✓ blogPost.live publish, attempt 3 → {"url":…}`. */
export function historyLines(events: readonly RunEvent[], colors: Colors): readonly string[] {
  const activities = new Map<string, Activity>();
  for (const event of events) {
    switch (event.kind) {
      case "activity.started": {
        const known = activities.get(event.path);
        if (known === undefined) {
          activities.set(event.path, {
            path: event.path,
            callee: event.callee,
            attempts: event.attempt,
            outcome: "running",
            text: "",
          });
        } else known.attempts = event.attempt;
        break;
      }
      case "activity.succeeded":
        settle(activities.get(event.path), "succeeded", `→ ${short(event.output)}`);
        break;
      case "activity.failed":
        settle(
          activities.get(event.path),
          "failed",
          `${event.code}${event.message === "" ? "" : `: ${event.message}`}`,
        );
        break;
      default:
    }
  }
  return [...activities.values()].map(({ path, callee, attempts, outcome, text }) => {
    const tries = attempts > 1 ? colors.yellow(` attempt ${attempts}`) : "";
    return `${statusMark(outcome, { colors, frame: 0 })} ${path.replace(/@1$/, "")} ${colors.dim(callee)}${tries} ${outcome === "failed" ? colors.red(text) : colors.dim(text)}`.trimEnd();
  });
}

function settle(activity: Activity | undefined, outcome: Activity["outcome"], text: string): void {
  if (activity === undefined) return;
  activity.outcome = outcome;
  activity.text = text;
}

function short(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
