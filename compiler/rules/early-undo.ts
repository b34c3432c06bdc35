import { flowGraph } from "../flow/flow-graph.ts";
import type { GraphStep } from "../flow/flow-graph.ts";
import { waitsIn } from "../flow/flow-waits.ts";
import type { Wait } from "../flow/flow-waits.ts";
import { StepOrder } from "../flow/step-order.ts";
import { insert, spanOf } from "../names/reporter.ts";
import type { Fix } from "../diagnostics/diagnostic.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** AF4010: what an `undo` mentions has ended when its step has, or else there may be nothing to undo it with. */
export const earlyUndo: Rule = (context) => {
  for (const flow of context.flows) {
    const graph = flowGraph(context.module, flow);
    if (!graph.hasUndo) continue;
    const undoing = graph.steps.filter((step) => step.path.endsWith("!undo"));
    if (undoing.length === 0) continue;
    const order = new StepOrder(graph);
    for (const undo of undoing) {
      const undone = order.around(undo);
      if (undone === undefined) continue;
      const missing = waitsIn(graph)
        .of(undo)
        .find((wait) => !isDone(wait, undone, order));
      if (missing !== undefined) report(missing, undone, context);
    }
  }
};

function isDone({ step }: Wait, undone: GraphStep, order: StepOrder): boolean {
  const mentioned = order.stepOf(step);
  return mentioned === undefined || mentioned === undone || order.isBefore(mentioned, undone);
}

function report({ step, at }: Wait, undone: GraphStep, { module, report: add }: RuleContext): void {
  const name = step.name.text;
  const what = undone.node === null ? "this call" : `\`${undone.node.name.text}\``;
  add({
    code: "AF4010",
    at,
    message: `the \`undo\` of ${what} mentions \`${name}\`, which may not have ended when it is needed`,
    related: [
      { span: spanOf(module.file, step.name), message: `${what} does not wait for this step` },
    ],
    help: `mention what ${what} gives, a parameter, or a step that it waits for; or let it wait: \`after: ${name}\``,
    fixes: waiting(undone, name, module.file),
  });
}

function waiting({ action }: GraphStep, name: string, file: string): readonly Fix[] {
  if (action.kind !== "invoke" || action.block === null) return [];
  const hasAfter = action.block.entries.some(
    (entry) => entry.kind === "setting" && entry.key.text === "after",
  );
  if (hasAfter) return [];
  const edit = insert(file, action.block.start + 1, ` after: ${name} `);
  return [{ title: `add \`after: ${name}\``, edits: [edit], safe: false }];
}
