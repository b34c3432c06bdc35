import { planFormat, planVersion } from "../../plan/plan.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { packageVersion } from "../package-version.ts";

export async function version({ terminal, options }: Invocation): Promise<number> {
  const { platform, arch } = process;
  const facts = {
    agentflow: packageVersion(),
    node: process.versions.node,
    platform: `${platform}-${arch}`,
    plan: `${planFormat} ${planVersion}`,
  };
  terminal.out(
    options.on("json") ? `${JSON.stringify(facts, null, 2)}\n` : `agentflow ${facts.agentflow}\n`,
  );
  return exitCodes.ok;
}
