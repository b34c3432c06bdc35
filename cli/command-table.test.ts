import { readFileSync } from "node:fs";
import { join } from "node:path";

import { createColors } from "picocolors";
import { expect, test } from "vitest";

import { optionName } from "./command-spec.ts";
import { commandGroups, commandTable } from "./command-table.ts";
import { commandHelp, mainHelp } from "./help.ts";

const colors = createColors(false);
const manual = readFileSync(join(import.meta.dirname, "../docs/cli.md"), "utf8");

test.each(commandTable.map((spec) => [spec.name, spec] as const))(
  "%s can be loaded, and explains itself by example",
  async (name, spec) => {
    expect(await spec.load()).toBeTypeOf("function");
    expect(spec.examples.length).toBeGreaterThan(0);
    for (const { command } of spec.examples) expect(command).toContain(`agentflow ${name}`);
  },
);

test.each([40, 80, 200])("help fits into %i columns, as far as words allow", (columns) => {
  for (const spec of commandTable) {
    const words = [
      spec.examples.map(({ command }) => command),
      spec.examples.map(({ does }) => does),
      `agentflow ${spec.name}: ${spec.summary}`,
    ].flat();
    for (const line of commandHelp(spec, { colors, columns }).split("\n")) {
      const unbreakable =
        words.some((word) => line.includes(word)) || line.startsWith("  agentflow ");
      if (!unbreakable) expect(line.length).toBeLessThanOrEqual(Math.max(columns, 60));
    }
  }
  expect(mainHelp(commandGroups, { colors, columns })).toContain("agentflow init demo");
});

test("the manual describes every command and every option that is special to one", () => {
  const shared = new Set(["json", "store", "quiet", "output"]);
  for (const { name, options = [] } of commandTable) {
    for (const word of name.split(" ")) expect(manual).toContain(word);
    for (const option of options) {
      const long = optionName(option);
      if (!shared.has(long))
        expect(manual, `${name} --${long}`).toContain(
          `--${option.flags.includes("--no-") ? "no-" : ""}${long}`,
        );
    }
  }
});
