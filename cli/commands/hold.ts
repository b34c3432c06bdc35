import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { heldFlow, noteUnknown } from "../operations/held-flow.ts";
import { unwrap } from "../run/unwrap.ts";
import { withOperator } from "../run/with-runner.ts";

export async function hold(invocation: Invocation): Promise<number> {
  const { options, terminal } = invocation;
  const flow = heldFlow(invocation, "hold");
  const reason = options.text("reason") ?? "held by hand";
  const unknown = await withOperator({ ...invocation, makesStore: true }, async (runner) => {
    unwrap(await runner.operations.hold(flow, reason));
    return flow === null ? null : await noteUnknown(flow, runner);
  });
  if (options.on("json")) {
    terminal.out(`${JSON.stringify({ flow, held: true, reason }, null, 2)}\n`);
    return exitCodes.ok;
  }
  const [what, words] = flow === null ? ["all flows", "--all"] : [`flow ${flow}`, flow];
  terminal.err(
    `runs of ${what} stand still from their next step on; \`agentflow lift ${words}\` lets them go on\n`,
  );
  if (unknown !== null) terminal.err(`${terminal.errColors.yellow("note")}: ${unknown}\n`);
  return exitCodes.ok;
}
