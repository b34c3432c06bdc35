import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { isoTime } from "../run/report-run.ts";
import { table } from "../run/table.ts";
import { withReader } from "../run/with-runner.ts";

export async function deploymentsList(invocation: Invocation): Promise<number> {
  const { options, terminal } = invocation;
  const all = await withReader(invocation, [], ({ operations }) => operations.deployments());
  if (options.on("json")) {
    const deployments = all.map(({ deployedAtMs, ...deployment }) => ({
      ...deployment,
      deployedAt: isoTime(deployedAtMs),
    }));
    terminal.out(`${JSON.stringify({ deployments }, null, 2)}\n`);
    return exitCodes.ok;
  }
  if (options.on("ids")) terminal.out(all.map(({ program }) => `${program}\n`).join(""));
  else if (all.length === 0) terminal.err("no program is deployed\n");
  else {
    const head = ["program", "edition", "environment", "deployed", "plan"].map(
      terminal.outColors.dim,
    );
    const rows = all.map(({ program, edition, environment, deployedAtMs, planHash }) => [
      program,
      String(edition),
      environment,
      new Date(deployedAtMs).toISOString().slice(0, 16).replace("T", " "),
      planHash.slice(0, 12),
    ]);
    terminal.out(table([head, ...rows], terminal.outColumns()));
  }
  return exitCodes.ok;
}
