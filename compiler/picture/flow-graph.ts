/**
 * A flow as a picture needs it: nested nodes and the edges between them, free of any format.
 */

import type { ActionPlan, BlockPlan, CallPlan, FlowPlan, Plan, StepPlan } from "../../plan/plan.ts";
import { expressionText } from "../../plan/expression-text.ts";

export type NodeKind =
  | "agent"
  | "person"
  | "tool"
  | "flow"
  | "role"
  | "builtin"
  | "value"
  | "if"
  | "match"
  | "for"
  | "repeat"
  | "race";

export interface GraphNode {
  /** The step's static path; an unnamed action, which has the path of its block, gets `/` behind it. */
  readonly id: string;
  readonly name: string;
  readonly kind: NodeKind;
  /** What the step does, in a few words: `classify`, `if urgent`, `for hit in hits`. */
  readonly title: string;
  /** Short facts: `undo: releaseStock`, `4 attempts`, `at most 3 rounds`. */
  readonly notes: readonly string[];
  readonly doc: string | null;
  /** Position in the parallel schedule of its block. */
  readonly phase: number;
  readonly groups: readonly GraphGroup[];
}

/** The steps of a body, a branch or an arm. `label` is empty where the node has one body only. */
export interface GraphGroup {
  readonly id: string;
  readonly label: string;
  readonly nodes: readonly GraphNode[];
}

/** `to` waits for `from`; both are node ids, at any depth. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
}

export interface FlowGraph {
  readonly flow: string;
  readonly signature: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** Steps that can be seen from a place, by name; inner ones hide nothing because names are unique. */
type Visible = ReadonlyMap<string, string>;

export function flowGraph(plan: Plan, flow: FlowPlan): FlowGraph {
  const edges: GraphEdge[] = [];
  const nodes = blockNodes({ plan, block: flow.body, visible: new Map(), edges, owner: "" });
  const parameters = flow.params.map((param) => param.name).join(", ");
  return { flow: flow.name, signature: `${flow.name}(${parameters})`, nodes, edges };
}

interface BlockContext {
  readonly plan: Plan;
  readonly block: BlockPlan;
  readonly visible: Visible;
  readonly edges: GraphEdge[];
  /** Id of the group or flow that the block stands in. */
  readonly owner: string;
}

function blockNodes(context: BlockContext): GraphNode[] {
  const visible = new Map(context.visible);
  for (const step of context.block.steps) if (step.name !== "") visible.set(step.name, step.path);
  return context.block.steps.map((step) => stepNode({ ...context, visible }, step));
}

function stepNode(context: BlockContext, step: StepPlan): GraphNode {
  const id = step.name === "" ? `${context.owner}/` : step.path;
  for (const name of step.waits) {
    const from = context.visible.get(name);
    if (from !== undefined) context.edges.push({ from, to: id });
  }
  const shape = actionShape(context.plan, step.action);
  const groups = actionGroups(step.action).map(({ label, block }) => {
    const owner = `${id}/${label}`;
    return { id: owner, label, nodes: blockNodes({ ...context, block, owner }) };
  });
  return { id, name: step.name, doc: step.doc ?? null, phase: step.phase, groups, ...shape };
}

function actionGroups(action: ActionPlan): { label: string; block: BlockPlan }[] {
  switch (action.kind) {
    case "call":
    case "value":
      return [];
    case "if":
      return [
        { label: "then", block: action.then },
        ...(action.else === null ? [] : [{ label: "else", block: action.else }]),
      ];
    case "match":
      return action.arms.map((arm) => ({
        label:
          arm.values.length === 0
            ? "else"
            : arm.values.map((value) => JSON.stringify(value)).join(" | "),
        block: arm.block,
      }));
    case "for":
    case "repeat":
    case "race":
      return [{ label: "", block: action.body }];
  }
}

type Shape = Pick<GraphNode, "kind" | "title" | "notes">;

function actionShape(plan: Plan, action: ActionPlan): Shape {
  switch (action.kind) {
    case "call":
      return callShape(plan, action);
    case "value":
      return { kind: "value", title: expressionText(action.value), notes: [] };
    case "if":
      return { kind: "if", title: `if ${expressionText(action.test)}`, notes: [] };
    case "match":
      return { kind: "match", title: `match ${expressionText(action.subject)}`, notes: [] };
    case "for":
      return {
        kind: "for",
        title: `for ${action.variable} in ${expressionText(action.list)}`,
        notes: [
          `at most ${expressionText(action.maxItems)} items, ${expressionText(action.concurrency)} at once`,
          ...(action.tolerate === undefined
            ? []
            : [`tolerates ${tolerated(action.tolerate)} failures`]),
        ],
      };
    case "repeat":
      return {
        kind: "repeat",
        title: `repeat until ${expressionText(action.until)}`,
        notes: [`at most ${expressionText(action.maxRounds)} rounds`],
      };
    case "race":
      return { kind: "race", title: "race", notes: ["the first success wins"] };
  }
}

function tolerated(
  tolerate:
    | { readonly count: Parameters<typeof expressionText>[0] }
    | { readonly fraction: number },
): string {
  return "count" in tolerate
    ? expressionText(tolerate.count)
    : `${String(Math.round(tolerate.fraction * 100))}%`;
}

function callShape(plan: Plan, call: CallPlan): Shape {
  const notes: string[] = [];
  if (call.retry !== undefined) {
    const attempts = expressionText(call.retry.attempts);
    if (attempts !== "1") notes.push(`${attempts} attempts`);
  }
  if (call.undo !== undefined) notes.push(`undo: ${calleeText(call.undo)}`);
  if (call.fallback !== undefined) notes.push("has a fallback");
  if (call.handoffs !== undefined)
    notes.push(`hands over to ${handoffTargets(call.handoffs).join(", ")}`);
  return { kind: calleeKind(plan, call), title: calleeText(call), notes };
}

function handoffTargets(handoffs: { readonly [agent: string]: readonly string[] }): string[] {
  return [...new Set(Object.values(handoffs).flat())].toSorted();
}

function calleeText(call: CallPlan): string {
  const { callee } = call;
  switch (callee.kind) {
    case "agent":
    case "tool":
    case "flow":
      return callee.name;
    case "role":
      return `any ${callee.role}`;
    case "value":
      return `${expressionText(callee.value)} (a ${callee.role})`;
    default: {
      const first = Object.values(call.arguments)[0];
      return first === undefined ? `${callee.kind}()` : `${callee.kind}(${expressionText(first)})`;
    }
  }
}

function calleeKind(plan: Plan, call: CallPlan): NodeKind {
  const { callee } = call;
  switch (callee.kind) {
    case "agent": {
      const model =
        plan.program.models[call.model ?? plan.program.agents[callee.name]?.model ?? ""];
      return model?.provider === "human" ? "person" : "agent";
    }
    case "tool":
    case "flow":
    case "role":
      return callee.kind;
    case "value":
      return "role";
    default:
      return "builtin";
  }
}
