import type { Plan } from "../../plan/plan.ts";
import type { ForkOptions, Runner } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { loadPlan } from "../project/load-plan.ts";
import { collectParameters } from "../run/collect-input.ts";
import { findRun } from "../run/find-run.ts";
import { followAndReport } from "../run/follow-and-report.ts";
import { refuseMock } from "../run/refuse-mock.ts";
import { unwrap } from "../run/unwrap.ts";
import { withRunner } from "../run/with-runner.ts";
import { UserMistake } from "../user-mistake.ts";

export async function fork(invocation: Invocation): Promise<number> {
  const { args, options, environment, terminal } = invocation;
  const file = options.text("upgrade");
  const loaded = file === undefined ? undefined : await loadPlan({ file, environment, terminal });
  return await withRunner(
    { ...invocation, programFolder: loaded?.folder, takeOver: true },
    async (session) => {
      const { runner } = session;
      const id = await findRun(runner, args[0] ?? "");
      await refuseMock(id, runner, options);
      const input = await parameters(id, runner, { plan: loaded?.plan, invocation });
      const after = options.text("after");
      const key = options.text("key");
      const forked = unwrap(
        await runner.fork(id, {
          input,
          ...(after === undefined ? {} : { after }),
          ...(key === undefined ? {} : { idempotencyKey: key }),
          ...(loaded === undefined ? {} : { plan: loaded.plan }),
        }),
      );
      const word = forked.existing ? "this key has made run" : "made run";
      terminal.err(`${word} ${forked.run} of ${id}\n`);
      return await followAndReport(forked.run, session, invocation);
    },
  );
}

/** Those that are given anew. Files among them are stored. */
async function parameters(
  id: string,
  runner: Runner,
  given: { readonly plan: Plan | undefined; readonly invocation: Invocation },
): Promise<NonNullable<ForkOptions["input"]>> {
  const run = await runner.show(id);
  const plan = given.plan ?? (run === null ? null : await runner.plan(run.planHash));
  const flow = plan?.program.flows[run?.flow ?? ""];
  if (run === null || plan === null || flow === undefined)
    throw new UserMistake(`the program has no flow ${run?.flow ?? ""}`, {
      hints: ["a fork goes on with the flow of its run; keep its name"],
    });
  const { input, files } = await collectParameters(plan, { id: run.flow, flow }, given.invocation);
  for (const entry of files) await runner.storeFile(entry);
  return input;
}
