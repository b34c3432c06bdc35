import type { HoldView } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { heldFlow } from "../operations/held-flow.ts";
import { withOperator } from "../run/with-runner.ts";
import { UserMistake } from "../user-mistake.ts";

export async function lift(invocation: Invocation): Promise<number> {
  const { options, terminal } = invocation;
  const flow = heldFlow(invocation, "lift");
  const rest = await withOperator(invocation, async ({ operations }) => {
    const lifted = await operations.lift(flow);
    const holds = await operations.holds();
    if (!lifted.ok) throw notHeld(flow, holds);
    return holds;
  });
  if (options.on("json")) {
    terminal.out(`${JSON.stringify({ flow, held: false }, null, 2)}\n`);
    return exitCodes.ok;
  }
  terminal.err(`the hold on ${flow === null ? "all flows" : `flow ${flow}`} is lifted\n`);
  if (flow === null && rest.length > 0)
    terminal.err(`still held: ${rest.map((entry) => entry.flow).join(", ")}\n`);
  if (flow !== null && rest.some((entry) => entry.flow === null))
    terminal.err("it still stands still, as all flows are held: `agentflow lift --all`\n");
  return exitCodes.ok;
}

function notHeld(flow: string | null, holds: readonly HoldView[]): UserMistake {
  const names = holds.map((entry) => entry.flow ?? "--all");
  return new UserMistake(
    flow === null ? "there is no hold on all flows" : `flow \`${flow}\` is not held`,
    {
      exitCode: exitCodes.refused,
      code: "not_found",
      hints: [
        names.length === 0 ? "nothing is held" : `held: ${names.join(", ")}`,
        ...(flow === null && holds.length > 0 ? ["each hold is lifted by its own name"] : []),
      ],
    },
  );
}
