import type { RunDetail } from "../../runner/index.ts";

/** Shows how a run goes on, on standard error. */
export interface Progress {
  /** The run as it is now. */
  update(run: RunDetail): void;
  /** Something to be read between the steps. */
  note(text: string): void;
  /** Makes room for a form; `resume` brings the steps back. */
  suspend(): void;
  resume(): void;
  /** The last picture stays. */
  finish(run: RunDetail): void;
}

export const silentProgress: Progress = {
  update: () => undefined,
  note: () => undefined,
  suspend: () => undefined,
  resume: () => undefined,
  finish: () => undefined,
};
