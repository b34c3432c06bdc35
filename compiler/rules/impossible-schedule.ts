import { cronProblem, isTimeZone, timeZones } from "../flow/schedule.ts";
import { constantText, writtenSetting } from "../flow/written.ts";
import { suggest } from "../names/suggest.ts";
import type { Rule } from "./rule.ts";
import { reportUnfixed } from "./unknown-trigger.ts";

/** AF7003: a mistake in a time table shows only by nothing ever happening. */
export const impossibleSchedule: Rule = (context) => {
  const { program, module, flows, report } = context;
  for (const flow of flows) {
    for (const entry of flow.node.block.entries) {
      if (entry.kind !== "on" || entry.trigger.text !== "cron") continue;
      const argument = entry.args[0]?.value;
      const expression =
        argument === undefined
          ? undefined
          : constantText(program, { expression: argument, module });
      if (argument?.kind === "errorExpression") continue;
      const isUnfixed = reportUnfixed(context, entry, "the time table");
      const problem = expression === undefined ? "is missing" : cronProblem(expression);
      if (problem !== null && !isUnfixed) {
        report({
          code: "AF7003",
          at: argument ?? entry.trigger,
          message: `this time table ${problem}`,
          help: 'the fields are minute, hour, day of the month, month, day of the week: `"0 8 * * 1-5"` is 8:00 from Monday to Friday',
        });
      }
      const written =
        entry.block === null
          ? null
          : writtenSetting(program, module.settingsOf(entry.block).get("zone"));
      const zone = constantText(program, written);
      if (written === null || zone === undefined || isTimeZone(zone)) continue;
      const at = written.expression;
      const { help, fixes } = suggest({
        file: written.module.file,
        at,
        written: zone,
        candidates: timeZones(),
        spell: (name) => `"${name}"`,
      });
      report({
        code: "AF7003",
        at,
        message: `there is no time zone \`${zone}\``,
        help: help ?? 'use an IANA name such as `"Europe/Berlin"` or `"UTC"`',
        fixes,
      });
    }
  }
};
