import { insert } from "../names/reporter.ts";
import type { Rule } from "./rule.ts";

/** AF7004: a state has to be found again, so it says whose it is. */
export const stateWithoutPer: Rule = ({ module, flows, report }) => {
  for (const flow of flows) {
    for (const entry of flow.node.block.entries) {
      if (entry.kind !== "state" || entry.name.text === "") continue;
      if (entry.block !== null && module.settingsOf(entry.block).has("per")) continue;
      const text = flow.signature.params.find(({ type }) => type.kind === "string");
      const example = text?.name ?? "userId";
      const edit =
        entry.block === null
          ? insert(module.file, entry.end, ` { per: ${example} }`)
          : insert(module.file, entry.block.start + 1, ` per: ${example} `);
      report({
        code: "AF7004",
        at: entry.name,
        message: `the state \`${entry.name.text}\` does not say whose it is`,
        help: `add the text it is kept under, such as \`per: ${example}\`; for one state that all runs share write a fixed text`,
        fixes: [{ title: `add \`per: ${example}\``, edits: [edit], safe: false }],
      });
    }
  }
};
