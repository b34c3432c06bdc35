import type { Invocation } from "../command-spec.ts";
import { followRun } from "./follow-run.ts";
import { reportRun } from "./report-run.ts";
import type { Session } from "./with-runner.ts";

/** Shows a run to its end, prints what came of it, and gives the exit code. */
export async function followAndReport(
  run: string,
  session: Session,
  { terminal, options }: Invocation,
): Promise<number> {
  const followed = await followRun(run, session);
  const store = options.text("store");
  const storeWords = store === undefined ? "" : ` --store ${store}`;
  return await reportRun(followed, {
    runner: session.runner,
    terminal,
    json: options.on("json"),
    storeWords,
  });
}
