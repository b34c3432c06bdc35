import { targetsOf } from "../flow/calls.ts";
import { flowGraph } from "../flow/flow-graph.ts";
import type { BlockGraph, GraphStep } from "../flow/flow-graph.ts";
import { flowInstance } from "../flow/reach.ts";
import type { FlowInstance } from "../flow/reach.ts";
import { suggest } from "../names/suggest.ts";
import type { CallExpression, Expression, FieldExpression } from "../syntax/tree.ts";
import { plainInstance } from "../types/instance.ts";
import { callsInTests } from "./calls-in-tests.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** AF8001: `ran(flow.step)` names a step by its path, which leads through blocks and called flows. */
export const unknownStepInTest: Rule = (context) => {
  for (const test of context.tests) {
    if (context.isFaulty(test)) continue;
    for (const call of callsInTests(test, context.module, "ran")) checkPath(call, context);
  }
};

function checkPath(call: CallExpression, context: RuleContext): void {
  const path = call.args[0]?.value;
  const segments = path === undefined ? null : segmentsOf(path);
  if (path === undefined || segments === null) return;
  const { program, module, report } = context;
  const flow = module.names.get(segments.root);
  const found = flow?.kind === "flow" ? flowInstance(program, plainInstance(flow)) : null;
  if (found === null) return;
  let places: readonly Place[] = [bodyOf(found)];
  for (const { name } of segments.fields) {
    const named = places.flatMap((place) => namedSteps(place, context));
    const matching = named.filter((candidate) => candidate.step.name === name.text);
    if (matching.length === 0) {
      const { help, fixes } = suggest({
        file: module.file,
        at: name,
        written: name.text,
        candidates: named.map(({ step }) => step.name),
      });
      const parent = module.parse.text.slice(path.start, name.start).replace(/\??\.\s*$/, "");
      report({
        code: "AF8001",
        at: name,
        message: `\`${parent}\` has no step \`${name.text}\``,
        help:
          help ??
          (named.length === 0
            ? `\`${parent}\` has no steps inside`
            : `its steps are ${named.map(({ step }) => `\`${step.name}\``).join(", ")}`),
        fixes,
      });
      return;
    }
    places = matching.flatMap((candidate) => insideOf(candidate, context));
  }
}

function segmentsOf(
  path: Expression,
): { readonly root: string; readonly fields: readonly FieldExpression[] } | null {
  if (path.kind === "name") return { root: path.name.text, fields: [] };
  if (path.kind !== "fieldAccess") return null;
  const inner = segmentsOf(path.object);
  return inner === null ? null : { root: inner.root, fields: [...inner.fields, path] };
}

/** A block of one flow. */
interface Place {
  readonly block: BlockGraph;
  readonly flow: FlowInstance;
}

interface FoundStep {
  readonly step: GraphStep;
  readonly flow: FlowInstance;
}

function bodyOf(flow: FlowInstance): Place {
  return { block: flowGraph(flow.module, flow.flow).body, flow };
}

/** An unnamed action adds nothing to the path, so what it holds counts as part of its block. */
function namedSteps({ block, flow }: Place, context: RuleContext): readonly FoundStep[] {
  return block.steps.flatMap((step) =>
    step.name !== ""
      ? [{ step, flow }]
      : insideOf({ step, flow }, context).flatMap((place) => namedSteps(place, context)),
  );
}

function insideOf({ step, flow }: FoundStep, { program }: RuleContext): readonly Place[] {
  const own = step.blocks.map((block) => ({ block, flow }));
  const { call } = step;
  const called =
    call === null
      ? []
      : targetsOf(program, call, flow.instance).flatMap(
          (target) => flowInstance(program, target) ?? [],
        );
  return [...own, ...called.map(bodyOf)];
}
