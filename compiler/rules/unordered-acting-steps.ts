import { targetsOf } from "../flow/calls.ts";
import { effectsOf } from "../flow/effects.ts";
import { flowGraph } from "../flow/flow-graph.ts";
import type { GraphStep } from "../flow/flow-graph.ts";
import { StepOrder } from "../flow/step-order.ts";
import { insert, spanOf } from "../names/reporter.ts";
import type { Edit } from "../diagnostics/diagnostic.ts";
import type { CheckedFlow } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** AF4010: where something can be undone, what acts must have an order, because undoing goes backwards through it. */
export const unorderedActingSteps: Rule = (context) => {
  for (const flow of context.flows) checkFlow(flow, context);
};

function checkFlow(flow: CheckedFlow, context: RuleContext): void {
  const graph = flowGraph(context.module, flow);
  if (!graph.hasUndo || !graph.steps.some((step) => step.path.endsWith("!undo"))) return;
  const order = new StepOrder(graph);
  const acting = graph.steps.filter(
    (step) => !step.path.includes("!undo") && acts(step, flow, context) && !isFree(step, context),
  );
  acting.sort((left, right) => left.entry.start - right.entry.start);
  const told = new Set<string>();
  // One report for each step that lacks an order: the nearest step before it is the one to wait for.
  acting.forEach((later, index) => {
    const earlier = acting
      .slice(0, index)
      .findLast((candidate) => !order.related(candidate, later));
    if (earlier === undefined) return;
    // Branches that lack the same order are one fault.
    const place = `${earlier.path} ${later.path}`;
    if (told.has(place)) return;
    told.add(place);
    reportPair(earlier, later, context);
  });
}

function acts(step: GraphStep, flow: CheckedFlow, { program }: RuleContext): boolean {
  const { call } = step;
  const targets = call === null ? [] : targetsOf(program, call, plainInstance(flow.symbol));
  return targets.some((target) => effectsOf(program, target).acts);
}

/** `after: []` says that the order does not matter. */
function isFree(step: GraphStep, { module }: RuleContext): boolean {
  if (step.action.kind !== "invoke" || step.action.block === null) return false;
  const after = module.settingsOf(step.action.block).get("after")?.value;
  return (
    after?.kind === "invoke" &&
    after.expression.kind === "listLiteral" &&
    after.expression.items.length === 0
  );
}

function reportPair(earlier: GraphStep, later: GraphStep, { module, report }: RuleContext): void {
  const [first, second] = [nameOf(earlier), nameOf(later)];
  const edit = earlier.node === null ? null : addAfter(later, earlier.node.name.text, module.file);
  report({
    code: "AF4010",
    at: later.node?.name ?? later.action,
    message: `${first} and ${second} both change something outside, but nothing says which comes first`,
    related: [
      {
        span: spanOf(module.file, earlier.node?.name ?? earlier.action),
        message: `this acts, too`,
      },
    ],
    help: `this flow undoes what it did in reverse order: add \`after: ${earlier.node?.name.text ?? "step"}\` to ${second}, or \`after: []\` if their order does not matter`,
    fixes:
      edit === null
        ? []
        : [{ title: `let ${second} wait for ${first}`, edits: [edit], safe: false }],
  });
}

function nameOf({ node, path }: GraphStep): string {
  if (node !== null) return `\`${node.name.text}\``;
  const block = /[^.]*$/u.exec(path)?.[0].replace(/\W+$/u, "") ?? path;
  return `the call in \`${block}\``;
}

function addAfter(step: GraphStep, name: string, file: string): Edit | null {
  const { action } = step;
  if (action.kind !== "invoke") return null;
  if (action.block === null) return insert(file, action.end, ` { after: ${name} }`);
  return insert(file, action.block.start + 1, ` after: ${name} `);
}
