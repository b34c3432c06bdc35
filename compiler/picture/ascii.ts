/**
 * A tree for the terminal. Steps stand in the order of the parallel schedule; `┬` numbers say which
 * may run together, and `after …` names what a step waits for.
 */

import type { FlowGraph, GraphGroup, GraphNode } from "./flow-graph.ts";

interface Writing {
  readonly waits: ReadonlyMap<string, readonly string[]>;
  readonly lines: string[];
}

export function asciiPicture(graph: FlowGraph): string {
  const waits = new Map<string, string[]>();
  for (const edge of graph.edges) {
    const name = edge.from.slice(edge.from.lastIndexOf(".") + 1);
    waits.set(edge.to, [...(waits.get(edge.to) ?? []), name]);
  }
  const writing: Writing = { waits, lines: [graph.signature] };
  writeNodes(writing, graph.nodes, "");
  return `${writing.lines.join("\n")}\n`;
}

function writeNodes(writing: Writing, nodes: readonly GraphNode[], prefix: string): void {
  const ordered = nodes.toSorted((a, b) => a.phase - b.phase || a.id.localeCompare(b.id));
  for (const [index, node] of ordered.entries()) {
    const last = index === ordered.length - 1;
    writing.lines.push(`${prefix}${last ? "└─ " : "├─ "}${nodeText(writing, node)}`);
    writeGroups(writing, node, `${prefix}${last ? "   " : "│  "}`);
  }
}

function writeGroups(writing: Writing, node: GraphNode, prefix: string): void {
  const labelled = node.groups.filter((group) => group.label !== "");
  if (labelled.length === 0) {
    for (const group of node.groups) writeNodes(writing, group.nodes, prefix);
    return;
  }
  for (const [index, group] of labelled.entries())
    writeBranch({ writing, group, prefix, last: index === labelled.length - 1 });
}

function writeBranch(branch: {
  writing: Writing;
  group: GraphGroup;
  prefix: string;
  last: boolean;
}): void {
  const { writing, group, prefix, last } = branch;
  writing.lines.push(
    `${prefix}${last ? "╰╴" : "├╴"}${group.label}${group.nodes.length === 0 ? " (nothing)" : ""}`,
  );
  writeNodes(writing, group.nodes, `${prefix}${last ? "  " : "│ "}`);
}

function nodeText(writing: Writing, node: GraphNode): string {
  const name = node.name === "" ? node.title : `${node.name} = ${node.title}`;
  const kind = node.groups.length === 0 && node.kind !== "value" ? ` [${node.kind}]` : "";
  const waits = writing.waits.get(node.id);
  const after = waits === undefined ? "" : `  after ${waits.toSorted().join(", ")}`;
  const notes = node.notes.length === 0 ? "" : `  (${node.notes.join("; ")})`;
  return `${String(node.phase + 1)}. ${name}${kind}${notes}${after}`;
}
