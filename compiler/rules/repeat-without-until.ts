import { flowGraph } from "../flow/flow-graph.ts";
import type { Rule } from "./rule.ts";

/** AF4004: a loop that never tests whether it is done always uses up its rounds. */
export const repeatWithoutUntil: Rule = ({ module, flows, report }) => {
  for (const flow of flows) {
    for (const { action, node } of flowGraph(module, flow).steps) {
      if (action.kind !== "repeat" || module.settingsOf(action.block).has("until")) continue;
      report({
        code: "AF4004",
        at: { start: action.start, end: action.start + "repeat".length },
        message: `${node === null ? "this `repeat`" : `the \`repeat\` \`${node.name.text}\``} does not say when it is done`,
        label: "add `until:`",
        help: "add `until:` with a condition on this round's steps, such as `until: review.approved`; for a fixed number of times use `for`",
      });
    }
  }
};
