import type { Invocation } from "../command-spec.ts";
import { loadPlan } from "../project/load-plan.ts";
import { findRun } from "../run/find-run.ts";
import { followAndReport } from "../run/follow-and-report.ts";
import { refuseMock } from "../run/refuse-mock.ts";
import { unwrap } from "../run/unwrap.ts";
import { withRunner } from "../run/with-runner.ts";

export async function retry(invocation: Invocation): Promise<number> {
  const { args, options, environment, terminal } = invocation;
  const file = options.text("upgrade");
  const loaded = file === undefined ? undefined : await loadPlan({ file, environment, terminal });
  return await withRunner(
    { ...invocation, programFolder: loaded?.folder, takeOver: true },
    async (session) => {
      const id = await findRun(session.runner, args[0] ?? "");
      await refuseMock(id, session.runner, options);
      unwrap(
        await session.runner.retry(id, loaded === undefined ? {} : { upgradeTo: loaded.plan }),
      );
      return await followAndReport(id, session, invocation);
    },
  );
}
