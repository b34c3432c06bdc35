import { writeFileSync } from "node:fs";
import { resolve } from "node:path";

import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { loadPlan } from "../project/load-plan.ts";

export async function compileFile({
  args,
  options,
  terminal,
  environment,
}: Invocation): Promise<number> {
  const [file = ""] = args;
  const { plan } = await loadPlan({ file, environment, terminal });
  const output = options.text("output");
  if (options.on("hash")) terminal.out(`${plan.hash}\n`);
  if (output !== undefined) {
    writeFileSync(resolve(environment.folder, output), `${JSON.stringify(plan, null, 2)}\n`);
    if (!options.on("hash")) terminal.err(`${output}: plan ${plan.hash.slice(0, 12)}\n`);
  } else if (!options.on("hash")) {
    terminal.out(`${JSON.stringify(plan, null, 2)}\n`);
  }
  return exitCodes.ok;
}
