import { flowGraph } from "../flow/flow-graph.ts";
import { insert } from "../names/reporter.ts";
import { typeText } from "../types/type-text.ts";
import type { Rule } from "./rule.ts";

/** AF5001: the longest list a `for` may get has to be known. */
export const unboundedList: Rule = ({ module, flows, report }) => {
  for (const flow of flows) {
    for (const { action } of flowGraph(module, flow).steps) {
      if (action.kind !== "for") continue;
      const list = module.typeOf(action.list);
      if (
        list.kind !== "list" ||
        list.max !== null ||
        module.settingsOf(action.block).has("maxItems")
      )
        continue;
      report({
        code: "AF5001",
        at: action.list,
        message: "this list may be of any length, so nobody could say what the loop costs at most",
        label: `\`${typeText(list)}\``,
        help: "give the list's type a bound, as in `string[..20]`, or add `maxItems:`; a longer list is then refused before any item starts",
        fixes: [
          {
            title: "add `maxItems: 100`",
            edits: [insert(module.file, action.block.start + 1, " maxItems: 100 ")],
            safe: false,
          },
        ],
      });
    }
  }
};
