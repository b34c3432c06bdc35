import type { ForPlan, Plan, ToolPlan } from "../../plan/plan.ts";
import {
  block,
  callTool,
  flow,
  name,
  param,
  plan,
  solo,
  step,
  tool,
  value,
} from "./plan-builder.ts";

/** A flow `main` that calls the tool `t` once, in the step `a`. */
export function oneCall(more: Partial<ToolPlan> = {}): Plan {
  return plan({
    tools: { t: tool(more) },
    flows: { main: flow("main", block([step("a", callTool("t"))], name("a"))) },
  });
}

/** A flow `main` that does something for each item `x` of its parameter `xs`, in the step `each`; unless told it calls the tool `t`. */
export function fanOut(
  { maxItems, concurrency }: { readonly maxItems: number; readonly concurrency: number },
  more: Partial<ForPlan> = {},
): Plan {
  const each: ForPlan = {
    kind: "for",
    variable: "x",
    list: name("xs"),
    body: solo(callTool("t", name("x"))),
    maxItems: value(maxItems),
    concurrency: value(concurrency),
    ...more,
  };
  return plan({
    tools: { t: tool() },
    flows: {
      main: flow("main", block([step("each", each)], name("each")), { params: [param("xs")] }),
    },
  });
}
