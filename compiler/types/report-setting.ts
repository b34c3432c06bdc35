import type { Expression } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";
import type { SettingSpec } from "./settings-table.ts";

export function reportSetting(
  c: Checker,
  spec: SettingSpec,
  at: Expression,
  problem: string,
): void {
  c.report({
    code: "AF3005",
    at,
    message: `\`${spec.key}\` ${problem}`,
    help: `write it like \`${spec.key}: ${spec.example}\``,
  });
}
