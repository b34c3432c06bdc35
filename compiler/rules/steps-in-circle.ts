import type { Label } from "../diagnostics/diagnostic.ts";
import { DependencyGraph } from "../graph/dependency-graph.ts";
import { flowGraph, letsOf } from "../flow/flow-graph.ts";
import type { BlockGraph, GraphStep } from "../flow/flow-graph.ts";
import { namesInAction, namesInExpression } from "../flow/names-in.ts";
import { spanOf } from "../names/reporter.ts";
import type { LetDeclaration, Name, Node, Step } from "../syntax/tree.ts";
import type { CheckedModule } from "../types/checked.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** AF4001: steps of a block that wait for each other, directly, through lets, or through what their blocks mention. */
export const stepsInCircle: Rule = (context) => {
  for (const flow of context.flows) {
    const { early, mentioned } = context.summaryOf(flow.node.block);
    // An included text may mention steps, too; it stands in another file.
    const isOpen = mentioned.has("include");
    // Whoever mentions only what is written above cannot close a circle, and nearly nobody mentions anything else.
    if (early.size === 0 && !isOpen) continue;
    for (const block of flowGraph(context.module, flow).blocks)
      if (isOpen || holdsAny(block, early)) checkBlock(block, context);
  }
};

type Member = Step | LetDeclaration;

function holdsAny(block: BlockGraph, members: ReadonlySet<Member>): boolean {
  return (
    block.steps.some(({ node }) => node !== null && members.has(node)) ||
    letsOf(block).some((node) => members.has(node))
  );
}

interface Edge {
  readonly from: Member;
  readonly to: Member;
  /** The mention that makes `from` wait. */
  readonly at: Node;
}

function checkBlock(block: BlockGraph, context: RuleContext): void {
  const members = new Map<string, Member>();
  for (const { node } of block.steps) if (node !== null) members.set(node.name.text, node);
  for (const node of letsOf(block)) members.set(node.name.text, node);
  const edges = new Map<string, Edge>();
  for (const member of members.values()) {
    for (const { to, at } of mentionsOf(member, block, context.module)) {
      const target = members.get(to);
      const key = `${member.name.text} ${to}`;
      if (target === undefined || edges.has(key)) continue;
      edges.set(key, { from: member, to: target, at });
    }
  }
  const graph = new DependencyGraph();
  for (const name of members.keys()) graph.add(name);
  for (const { from, to } of edges.values()) graph.depend(from.name.text, to.name.text);
  for (const cycle of graph.cycles()) reportCycle(cycleEdges(cycle, edges), context);
}

function mentionsOf(
  member: Member,
  block: BlockGraph,
  module: CheckedModule,
): readonly { readonly to: string; readonly at: Node }[] {
  const mentions: { readonly to: string; readonly at: Node }[] = [];
  const visit = (name: Name, at: Node): void => {
    const symbol = module.symbolOf(name);
    if (symbol?.scope !== "local" || (symbol.kind !== "step" && symbol.kind !== "let")) return;
    mentions.push({ to: symbol.name, at });
  };
  if (member.kind === "let") namesInExpression(member.value, visit, module);
  else namesInAction(member.action, visit, module);
  const step = block.steps.find((candidate) => candidate.node === member);
  // Compensation runs when its step is done, so it may use the step's own value.
  const own = step === undefined ? null : undoOf(step);
  if (own === null) return mentions;
  return mentions.filter(
    ({ to, at }) => to !== member.name.text || at.start < own.start || at.end > own.end,
  );
}

function undoOf(step: GraphStep): { readonly start: number; readonly end: number } | null {
  if (step.action.kind !== "invoke" || step.action.block === null) return null;
  return (
    step.action.block.entries.find(
      (entry) => entry.kind === "setting" && entry.key.text === "undo",
    ) ?? null
  );
}

/** Starts with the member that is written first, as people read. */
function cycleEdges(cycle: readonly string[], edges: ReadonlyMap<string, Edge>): readonly Edge[] {
  const found = cycle.flatMap(
    (name, index) => edges.get(`${name} ${cycle[(index + 1) % cycle.length]}`) ?? [],
  );
  const first = found.reduce(
    (best, edge, index) => (edge.from.start < (found[best]?.from.start ?? 0) ? index : best),
    0,
  );
  return [...found.slice(first), ...found.slice(0, first)];
}

function reportCycle(edges: readonly Edge[], context: RuleContext): void {
  const [first] = edges;
  if (first === undefined) return;
  const { file } = context.module;
  const names = [...edges.map((edge) => edge.from.name.text), first.from.name.text];
  const cut = edgeToCut(edges);
  const related = edges.map(({ from, to, at }): Label => ({
    span: spanOf(file, at),
    message: `\`${from.name.text}\` waits for \`${to.name.text}\` because it mentions it here`,
  }));
  context.report({
    code: "AF4001",
    at: first.from.name,
    message:
      edges.length === 1
        ? `\`${names[0]}\` waits for itself: ${names.join(" -> ")}`
        : `${subject(edges)} wait for each other, so none of them can start: ${names.join(" -> ")}`,
    related,
    help: helpFor(cut, edges),
  });
}

function subject(edges: readonly Edge[]): string {
  const names = edges.map((edge) => `\`${edge.from.name.text}\``);
  return names.length === 2 ? names.join(" and ") : `${names.length} steps`;
}

/** An `after` was added by hand and is the easiest to take back; else a step that mentions what is written below it. */
function edgeToCut(edges: readonly Edge[]): Edge | undefined {
  const after = edges.find((edge) => edge.from.kind === "step" && isAfter(edge.from, edge.at));
  return after ?? edges.find((edge) => edge.to.start > edge.from.start) ?? edges[0];
}

function helpFor(cut: Edge | undefined, edges: readonly Edge[]): string | undefined {
  if (cut === undefined) return undefined;
  const [from, to] = [cut.from.name.text, cut.to.name.text];
  if (cut.from.kind === "step" && isAfter(cut.from, cut.at))
    return `take \`${to}\` out of \`after\` of \`${from}\``;
  if (edges.length === 1)
    return `give \`${from}\` what it needs from another step; in a \`repeat\`, \`previous\` is the last round's output`;
  return `take \`${to}\` out of \`${from}\`, or work in rounds: in a \`repeat\`, \`previous\` is the last round's output`;
}

function isAfter(step: Step, at: Node): boolean {
  const { action } = step;
  if (action.kind === "if" || action.kind === "match") return false;
  const entries = action.block?.entries ?? [];
  return entries.some(
    (entry) =>
      entry.kind === "setting" &&
      entry.key.text === "after" &&
      entry.start <= at.start &&
      at.end <= entry.end,
  );
}
