import { relative, resolve } from "node:path";

import type { Plan } from "../../plan/plan.ts";
import type { DeployedTriggers, ScheduleView } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { checkEnvironment } from "../project/check-environment.ts";
import { loadPlan } from "../project/load-plan.ts";
import { unservedTriggers } from "../project/unserved-triggers.ts";
import { isoTime } from "../run/report-run.ts";
import { unwrap } from "../run/unwrap.ts";
import { withOperator } from "../run/with-runner.ts";
import { formatZonedTime } from "../operations/zoned-time.ts";

export async function deploy(invocation: Invocation): Promise<number> {
  const { args, options, environment, terminal } = invocation;
  const [file = ""] = args;
  const { plan, folder } = await loadPlan({ file, environment, terminal });
  const named = options.text("env");
  checkEnvironment(plan, named);
  // The name that `agentflow up` gives it too, so that neither serves it twice.
  const program =
    options.text("name") ?? relative(environment.folder, resolve(environment.folder, file));
  const replaces = options.whole("replaces");
  const { deployed, schedules } = await withOperator(
    { ...invocation, programFolder: folder, makesStore: true },
    async ({ operations }) => ({
      deployed: unwrap(
        await operations.deploy({
          program,
          plan,
          folder,
          ...(named === undefined ? {} : { environment: named }),
          ...(replaces === undefined ? {} : { replaces }),
        }),
      ),
      schedules: await operations.schedules(),
    }),
  );
  const own = schedules.filter((schedule) => schedule.program === program);
  if (options.on("json"))
    terminal.out(`${JSON.stringify(deployDocument(program, plan, deployed, own), null, 2)}\n`);
  else report(program, deployed, own, invocation);
  const others = unservedTriggers(plan);
  if (others.length > 0 && !options.on("json"))
    terminal.err(
      `not served: ${others.join(", ")}; runs are started by \`on cron\` and \`on event\`\n`,
    );
  return exitCodes.ok;
}

function deployDocument(
  program: string,
  plan: Plan,
  { edition, events }: DeployedTriggers,
  schedules: readonly ScheduleView[],
): object {
  return {
    program,
    edition,
    planHash: plan.hash,
    schedules: schedules.map(({ id, nextTickAtMs }) => ({
      schedule: id,
      nextTickAt: isoTime(nextTickAtMs),
    })),
    events,
    notServed: unservedTriggers(plan),
  };
}

function report(
  program: string,
  { edition, events }: DeployedTriggers,
  schedules: readonly ScheduleView[],
  { terminal }: Invocation,
): void {
  const { bold, dim } = terminal.outColors;
  terminal.out(`${bold(program)} is deployed, edition ${edition}\n`);
  for (const { id, zone, nextTickAtMs, paused } of schedules) {
    const next = nextTickAtMs === null ? "never" : formatZonedTime(nextTickAtMs, zone);
    terminal.out(`  ${id}  ${dim(paused ? "is paused" : `ticks next ${next}`)}\n`);
  }
  for (const id of events) terminal.out(`  ${id}\n`);
  if (schedules.length + events.length === 0)
    terminal.err("its flows have no `on cron` and no `on event`: nothing starts them but you\n");
  else
    terminal.err(
      "runs are started and worked on by `agentflow up`, or by a scheduler and workers\n",
    );
}
