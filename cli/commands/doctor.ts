import type { Invocation } from "../command-spec.ts";
import { installationFindings } from "../doctor/installation-findings.ts";
import { programFindings } from "../doctor/program-findings.ts";
import { storeFindings } from "../doctor/store-findings.ts";
import type { Finding } from "../doctor/finding.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Colors } from "../terminal.ts";

export async function doctor(invocation: Invocation): Promise<number> {
  const { options, terminal } = invocation;
  const findings = [
    ...installationFindings(),
    ...(await storeFindings(invocation)),
    ...programFindings(invocation),
  ];
  const broken = findings.some(({ state }) => state === "broken");
  if (options.on("json"))
    terminal.out(`${JSON.stringify({ healthy: !broken, findings }, null, 2)}\n`);
  else terminal.out(findings.map((finding) => findingText(finding, terminal.outColors)).join(""));
  return broken ? exitCodes.failed : exitCodes.ok;
}

function findingText(
  { state, subject, message, advice }: Finding,
  { bold, dim, green, red, yellow }: Colors,
): string {
  const mark = { fine: green("✓"), advice: yellow("!"), broken: red("✗") }[state];
  return `${mark} ${bold(subject)}: ${message}\n${advice === undefined ? "" : `    ${dim(advice)}\n`}`;
}
