import type { Runner } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import type { Progress } from "../live/progress.ts";
import { followRun } from "./follow-run.ts";
import { reportRun } from "./report-run.ts";

export interface FollowOptions {
  readonly runner: Runner;
  readonly progress: Progress;
  readonly invocation: Invocation;
}

/** Shows a run to its end, prints what came of it, and gives the exit code. */
export async function followAndReport(run: string, { runner, progress, invocation }: FollowOptions): Promise<number> {
  const { terminal, options } = invocation;
  const followed = await followRun(runner, run, progress);
  const store = options.text("store");
  const storeWords = store === undefined ? "" : ` --store ${store}`;
  return await reportRun(followed, { runner, terminal, json: options.on("json"), storeWords });
}
