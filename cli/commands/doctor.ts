import type { Invocation } from "../command-spec.ts";
import { installationFindings } from "../doctor/installation-findings.ts";
import { programFindings } from "../doctor/program-findings.ts";
import { settingsFindings } from "../doctor/settings-findings.ts";
import { storeFindings } from "../doctor/store-findings.ts";
import type { Finding } from "../doctor/finding.ts";
import { exitCodes } from "../exit-codes.ts";
import type { EffectiveSetting } from "../settings/load-settings.ts";
import type { Colors } from "../terminal.ts";

export async function doctor(invocation: Invocation): Promise<number> {
  const { options, terminal } = invocation;
  const settings = settingsFindings(invocation);
  const findings = [
    ...installationFindings(),
    ...settings.findings,
    ...(await storeFindings(invocation)),
    ...programFindings(invocation),
  ];
  const broken = findings.some(({ state }) => state === "broken");
  if (options.on("json"))
    terminal.out(
      `${JSON.stringify({ healthy: !broken, findings, settings: settings.effective }, null, 2)}\n`,
    );
  else {
    terminal.out(findings.map((finding) => findingText(finding, terminal.outColors)).join(""));
    terminal.out(settingsText(settings.effective, terminal.outColors));
  }
  return broken ? exitCodes.failed : exitCodes.ok;
}

function findingText(
  { state, subject, message, advice }: Finding,
  { bold, dim, green, red, yellow }: Colors,
): string {
  const mark = { fine: green("✓"), advice: yellow("!"), broken: red("✗") }[state];
  return `${mark} ${bold(subject)}: ${message}\n${advice === undefined ? "" : `    ${dim(advice)}\n`}`;
}

/** What holds, and where it comes from. */
function settingsText(settings: readonly EffectiveSetting[], { dim }: Colors): string {
  const rows = settings.map(({ key, value, source }) => [key, value ?? "–", source] as const);
  const widthOf = (column: 0 | 1): number => Math.max(0, ...rows.map((row) => row[column].length));
  const [keyWidth, valueWidth] = [widthOf(0), widthOf(1)];
  return rows
    .map(
      ([key, value, source]) =>
        `  ${key.padEnd(keyWidth)}  ${value.padEnd(valueWidth)}  ${dim(source)}\n`,
    )
    .join("");
}
