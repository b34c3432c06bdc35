import { postOrder } from "../graph/post-order.ts";
import type { LetDeclaration, Name, Step } from "../syntax/tree.ts";
import type { CheckedModule } from "../types/checked.ts";
import { letsOf } from "./flow-graph.ts";
import type { FlowGraph } from "./flow-graph.ts";
import { namesInAction, namesInExpression } from "./names-in.ts";

type Member = Step | LetDeclaration;

/** Shorter ones can be followed by recursion. */
const longest = 200;

/** Steps and lets of a flow, each behind those it mentions; empty for a flow too small to hold a long chain. */
export function longChains(graph: FlowGraph, module: CheckedModule): readonly Member[] {
  const members: Member[] = [];
  for (const step of graph.steps) if (step.node !== null) members.push(step.node);
  for (const block of graph.blocks) members.push(...letsOf(block));
  if (members.length < longest) return [];
  return postOrder(members, (member) => mentionedBy(member, module));
}

function mentionedBy(member: Member, module: CheckedModule): readonly Member[] {
  const found: Member[] = [];
  const visit = (name: Name): void => {
    const symbol = module.symbolOf(name);
    if (symbol?.scope !== "local") return;
    if (symbol.kind === "step" || symbol.kind === "let") found.push(symbol.node);
    // The list that an item comes from stands outside the steps that use the item.
    else if (symbol.kind === "item") namesInExpression(symbol.node.list, visit, module);
  };
  if (member.kind === "let") namesInExpression(member.value, visit, module);
  else namesInAction(member.action, visit, module);
  return found;
}
