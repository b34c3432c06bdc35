import { labelsOf } from "../flow/label-analysis.ts";
import type { Rule } from "./rule.ts";

/** AF6001, AF6002 and AF6004: untrusted and private data are followed through the whole program, so they are found together. */
export const labels: Rule = ({ program, module, report }) => {
  for (const { code, span, message, label, related, help } of labelsOf(program).diagnostics) {
    if (span.file === module.file) report({ code, at: span, message, label, related, help });
  }
};
