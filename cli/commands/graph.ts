import { writeFileSync } from "node:fs";
import { resolve } from "node:path";

import { drawFlow } from "../../compiler/index.ts";
import type { PictureFormat } from "../../compiler/index.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { chooseFlowToShow, splitTarget } from "../project/choose-flow.ts";
import { loadPlan } from "../project/load-plan.ts";

export async function graph({ args, options, terminal, environment }: Invocation): Promise<number> {
  const [target = ""] = args;
  const { file, flow } = splitTarget(target);
  const { plan } = await loadPlan({ file, environment, terminal });
  const id = chooseFlowToShow(plan, flow, target);
  const format = options.on("json")
    ? "json"
    : ((options.text("format") ?? "ascii") as PictureFormat);
  const picture = drawFlow(plan, id, format) ?? "";
  const output = options.text("output");
  if (output === undefined) terminal.out(picture);
  else writeFileSync(resolve(environment.folder, output), picture);
  return exitCodes.ok;
}
