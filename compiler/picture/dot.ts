/** Graphviz: `agentflow graph … --format dot | dot -Tpng`. */

import type { FlowGraph, GraphNode, NodeKind } from "./flow-graph.ts";

const shapes: { readonly [kind in NodeKind]: string } = {
  agent: "box",
  person: "house",
  tool: "component",
  flow: "box3d",
  role: "box",
  builtin: "oval",
  value: "plaintext",
  if: "diamond",
  match: "diamond",
  for: "box",
  repeat: "box",
  race: "box",
};

interface Writing {
  readonly lines: string[];
  /** The node that stands for a path where an edge begins or ends, and its cluster if it has one. */
  readonly anchors: Map<string, { readonly node: string; readonly cluster: string | null }>;
}

export function dotPicture(graph: FlowGraph): string {
  const writing: Writing = { lines: [], anchors: new Map() };
  for (const node of graph.nodes) writeNode(writing, node, 1);
  for (const edge of graph.edges) {
    const from = writing.anchors.get(edge.from);
    const to = writing.anchors.get(edge.to);
    if (from === undefined || to === undefined) continue;
    const attributes = [
      ...(from.cluster === null ? [] : [`ltail=${quote(from.cluster)}`]),
      ...(to.cluster === null ? [] : [`lhead=${quote(to.cluster)}`]),
    ];
    const suffix = attributes.length === 0 ? "" : ` [${attributes.join(", ")}]`;
    writing.lines.push(`  ${quote(from.node)} -> ${quote(to.node)}${suffix};`);
  }
  return [
    `digraph ${quote(graph.flow)} {`,
    `  label=${quote(graph.signature)};`,
    `  labelloc=t;`,
    `  compound=true;`,
    `  rankdir=TB;`,
    `  fontname="sans-serif";`,
    `  node [fontname="sans-serif"];`,
    ...writing.lines,
    "}",
    "",
  ].join("\n");
}

function writeNode(writing: Writing, node: GraphNode, depth: number): void {
  const indent = "  ".repeat(depth);
  const name = node.name === "" ? node.title : `${node.name} = ${node.title}`;
  const label = quote([name, ...node.notes].join("\n"));
  if (node.groups.length === 0) {
    writing.anchors.set(node.id, { node: node.id, cluster: null });
    writing.lines.push(`${indent}${quote(node.id)} [shape=${shapes[node.kind]}, label=${label}];`);
    return;
  }
  const cluster = `cluster ${node.id}`;
  const anchor = `anchor ${node.id}`;
  // Graphviz joins nodes, not clusters: an invisible point stands for the cluster.
  writing.anchors.set(node.id, { node: anchor, cluster });
  writing.lines.push(`${indent}subgraph ${quote(cluster)} {`, `${indent}  label=${label};`);
  writing.lines.push(`${indent}  ${quote(anchor)} [shape=point, style=invis];`);
  for (const group of node.groups) {
    if (group.label === "") {
      for (const child of group.nodes) writeNode(writing, child, depth + 1);
      continue;
    }
    writing.lines.push(`${indent}  subgraph ${quote(`cluster ${group.id}`)} {`);
    writing.lines.push(`${indent}    label=${quote(group.label)};`);
    if (group.nodes.length === 0)
      writing.lines.push(`${indent}    ${quote(group.id)} [shape=point];`);
    for (const child of group.nodes) writeNode(writing, child, depth + 2);
    writing.lines.push(`${indent}  }`);
  }
  writing.lines.push(`${indent}}`);
}

function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
