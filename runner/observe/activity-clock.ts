import type { RunEvent } from "../../plan/history.ts";

/** An activity that ended, and how long it took in this process. */
export interface EndedActivity {
  readonly kind: string;
  readonly callee: string;
  /** Of requests to a model. */
  readonly model: string | null;
  readonly seconds: number;
  /** Null when it succeeded. */
  readonly failure: string | null;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** Dollars. */
  readonly cost: number;
}

interface Begun {
  readonly atMs: number;
  readonly kind: string;
  readonly callee: string;
  readonly model: string | null;
}

/** Runs whose beginnings are remembered at once; beyond that the oldest are forgotten, and not timed. */
const maxRuns = 20_000;

/** Ties the ends of activities to their beginnings. */
export class ActivityClock {
  private readonly begun = new Map<string, Map<string, Begun>>();

  /** Gives the activity that this event ends, if it does. */
  take(run: string, event: RunEvent): EndedActivity | null {
    if (event.kind === "activity.started") {
      const { path, activity: kind, callee, model = null, atMs } = event;
      // These wait for somebody, for however long.
      if (kind !== "person" && kind !== "receive" && kind !== "slot")
        this.activitiesOf(run).set(path, { atMs, kind, callee, model });
      return null;
    }
    if (event.kind === "run.ended" || event.kind === "run.interrupted") {
      this.begun.delete(run);
      return null;
    }
    if (event.kind !== "activity.succeeded" && event.kind !== "activity.failed") return null;
    const activities = this.begun.get(run);
    const begun = activities?.get(event.path);
    if (begun === undefined) return null;
    activities?.delete(event.path);
    if (activities?.size === 0) this.begun.delete(run);
    const { kind, callee, model } = begun;
    const { tokensIn = 0, tokensOut = 0, cost = 0 } = event.spent ?? {};
    return {
      kind,
      callee,
      model,
      seconds: (event.atMs - begun.atMs) / 1_000,
      failure: event.kind === "activity.failed" ? event.code : null,
      tokensIn,
      tokensOut,
      cost,
    };
  }

  private activitiesOf(run: string): Map<string, Begun> {
    const known = this.begun.get(run);
    if (known !== undefined) return known;
    const made = new Map<string, Begun>();
    this.begun.set(run, made);
    if (this.begun.size > maxRuns) {
      const [oldest] = this.begun.keys();
      if (oldest !== undefined) this.begun.delete(oldest);
    }
    return made;
  }
}
