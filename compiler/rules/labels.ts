import { labelsOfFlow } from "../flow/label-analysis.ts";
import type { Rule } from "./rule.ts";

/**
 * AF6001, AF6002 and AF6004: untrusted and private data are followed from the flows of a file through whatever they
 * call, so what is found may lie in another file.
 */
export const labels: Rule = ({ program, flows, add }) => {
  for (const { symbol } of flows)
    for (const diagnostic of labelsOfFlow(program, symbol)) add(diagnostic);
};
