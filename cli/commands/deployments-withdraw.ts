import { didYouMean } from "../../base/did-you-mean.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { unwrap } from "../run/unwrap.ts";
import { withOperator } from "../run/with-runner.ts";
import { UserMistake } from "../user-mistake.ts";

export async function deploymentsWithdraw(invocation: Invocation): Promise<number> {
  const { args, options, terminal } = invocation;
  const [program = ""] = args;
  await withOperator(invocation, async ({ operations }) => {
    const names = (await operations.deployments()).map((deployment) => deployment.program);
    if (!names.includes(program)) throw notDeployed(program, names);
    unwrap(await operations.withdraw(program));
  });
  if (options.on("json"))
    terminal.out(`${JSON.stringify({ program, withdrawn: true }, null, 2)}\n`);
  else terminal.err(`${program} is withdrawn: its triggers start nothing more, its runs go on\n`);
  return exitCodes.ok;
}

function notDeployed(program: string, names: readonly string[]): UserMistake {
  const [meant] = didYouMean(program, names);
  return new UserMistake(`no program \`${program}\` is deployed`, {
    exitCode: exitCodes.refused,
    code: "not_found",
    hints: [
      meant === undefined ? "agentflow deployments list shows them" : `did you mean ${meant}?`,
    ],
  });
}
