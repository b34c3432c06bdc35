import type { TimerKind } from "./history.ts";

/** What a run that stands still waits for. Times are milliseconds since 1970. */
export type Wait =
  | { readonly kind: "person"; readonly path: string; readonly agent: string }
  | { readonly kind: "event"; readonly path: string; readonly topic: string }
  | {
      readonly kind: "timer";
      readonly path: string;
      readonly timer: TimerKind;
      readonly untilMs: number;
    }
  | { readonly kind: "resume" }
  /** Of the run itself, or of the flow that is called at the path. */
  | { readonly kind: "slot"; readonly path?: string; readonly flow?: string };

/** Beginnings of reasons in words: nobody can go on with the run as it is; processes that have what it needs can. */
export const needsAttention = "somebody to look at it";
export const needsProcess = "a process that can go on with it";

/** How many of them are told in words. */
const maxTold = 3;

export function describeWaits(waits: readonly Wait[]): string {
  const told = waits.slice(0, maxTold).map(describe);
  const more = waits.length - told.length;
  if (more > 0) told.push(`${more} more`);
  return waits.some(({ kind }) => kind === "resume")
    ? "paused: waits for resume"
    : `waits for ${told.join(", ")}`;
}

function describe(wait: Wait): string {
  switch (wait.kind) {
    case "person":
      return `an answer of ${wait.agent} at ${wait.path}`;
    case "event":
      return `an event ${wait.topic} at ${wait.path}`;
    case "timer":
      return `${wait.timer} of ${wait.path} until ${new Date(wait.untilMs).toISOString()}`;
    case "resume":
      return "resume";
    case "slot":
      return wait.flow === undefined
        ? "a free slot"
        : `a free slot of ${wait.flow} at ${wait.path ?? ""}`;
  }
}

/** Only somebody from outside can move on a run that waits for nothing else. */
export function isForOthers(waits: readonly Wait[]): boolean {
  return waits.length > 0 && waits.every(({ kind }) => kind === "person" || kind === "event");
}

/** As it is kept beside the history. */
export function encodeWaits(waits: readonly Wait[] | null): string | null {
  return waits === null ? null : JSON.stringify(waits);
}

/** What is no list is a reason in words. */
export function decodeWaits(text: string | null): {
  readonly words: string | null;
  readonly waits: readonly Wait[];
} {
  if (text?.startsWith("[") !== true) return { words: text, waits: [] };
  const waits = JSON.parse(text) as readonly Wait[];
  return { words: describeWaits(waits), waits };
}
