import { diffPlans } from "../../plan/diff/diff-plans.ts";
import { diffText } from "../../plan/diff/diff-text.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { loadPlan } from "../project/load-plan.ts";
import type { Colors } from "../terminal.ts";

export async function diff({ args, options, terminal, environment }: Invocation): Promise<number> {
  const [before = "", after = ""] = args;
  const old = await loadPlan({ file: before, environment, terminal });
  const now = await loadPlan({ file: after, environment, terminal });
  const found = diffPlans(old.plan, now.plan);
  if (options.on("json")) terminal.out(`${JSON.stringify(found, null, 2)}\n`);
  else terminal.out(colored(diffText(found), terminal.outColors));
  return found.groups.length === 0 ? exitCodes.ok : exitCodes.failed;
}

function colored(text: string, { bold, green, red, yellow }: Colors): string {
  return text
    .split("\n")
    .map((line) => {
      if (line.startsWith("  + ")) return green(line);
      if (line.startsWith("  - ")) return red(line);
      if (line.startsWith("  ~ ")) return yellow(line);
      return /^\S/.test(line) ? bold(line) : line;
    })
    .join("\n");
}
