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
  const text = `${JSON.stringify(plan, null, 2)}\n`;
  if (output !== undefined) writeFileSync(resolve(environment.folder, output), text);
  if (options.on("json")) {
    const whole = output === undefined && !options.on("hash") ? { plan } : {};
    const document = { file, planHash: plan.hash, output: output ?? null, ...whole };
    terminal.out(`${JSON.stringify(document, null, 2)}\n`);
  } else if (options.on("hash")) terminal.out(`${plan.hash}\n`);
  else if (output === undefined) terminal.out(text);
  else terminal.err(`${output}: plan ${plan.hash.slice(0, 12)}\n`);
  return exitCodes.ok;
}
