import type { Label } from "../diagnostics/diagnostic.ts";
import { spanOf } from "../names/reporter.ts";
import type { Node } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";

/** Points at the head of a flow, for values that do not fit it. */
export function promised(c: Checker, at: Node): Label {
  return { span: spanOf(c.file, at), message: "the flow promises it here" };
}
