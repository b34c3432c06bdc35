import { flowGraph } from "../flow/flow-graph.ts";
import { insert } from "../names/reporter.ts";
import type { Rule } from "./rule.ts";

/** AF4003: `needs` lists keys of other items, so the items need keys. */
export const needsWithoutKey: Rule = ({ module, flows, report }) => {
  for (const flow of flows) {
    for (const { action } of flowGraph(module, flow).steps) {
      if (action.kind !== "for") continue;
      const settings = module.settingsOf(action.block);
      const needs = settings.get("needs");
      if (needs === undefined || settings.has("key")) continue;
      const item = action.variable.text;
      const own = needs.from === "own";
      report({
        code: "AF4003",
        at: own ? needs.node : action.variable,
        message: "`needs` lists items by their keys, but this `for` has no `key`",
        help: `add a text that is different for every item, such as \`key: ${item}.id\``,
        fixes: own
          ? [
              {
                title: `add \`key: ${item}.id\``,
                edits: [insert(module.file, needs.node.start, `key: ${item}.id\n`)],
                safe: false,
              },
            ]
          : [],
      });
    }
  }
};
