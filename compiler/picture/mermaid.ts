/** Mermaid flowchart: pastes into Markdown as it is. */

import type { FlowGraph, GraphGroup, GraphNode, NodeKind } from "./flow-graph.ts";

const shapes: { readonly [kind in NodeKind]: readonly [string, string] } = {
  agent: ["([", "])"],
  person: ["[/", "/]"],
  tool: ["[", "]"],
  flow: ["[[", "]]"],
  role: ["([", "])"],
  builtin: ["(", ")"],
  value: ["(", ")"],
  if: ["{{", "}}"],
  match: ["{{", "}}"],
  for: ["[", "]"],
  repeat: ["[", "]"],
  race: ["[", "]"],
};

export function mermaidPicture(graph: FlowGraph): string {
  const ids = new Map<string, string>();
  const lines: string[] = [`---`, `title: ${quote(graph.signature)}`, `---`, "flowchart TD"];
  for (const node of graph.nodes) writeNode({ node, ids, lines, depth: 1 });
  for (const edge of graph.edges) {
    const from = ids.get(edge.from);
    const to = ids.get(edge.to);
    if (from !== undefined && to !== undefined) lines.push(`  ${from} --> ${to}`);
  }
  return `${lines.join("\n")}\n`;
}

interface Writing {
  readonly ids: Map<string, string>;
  readonly lines: string[];
  readonly depth: number;
}

function writeNode({ node, ...writing }: Writing & { readonly node: GraphNode }): void {
  const { ids, lines, depth } = writing;
  const id = `n${String(ids.size)}`;
  ids.set(node.id, id);
  const indent = "  ".repeat(depth);
  const label = quote(nodeLabel(node));
  if (node.groups.length === 0) {
    const [open, close] = shapes[node.kind];
    lines.push(`${indent}${id}${open}${label}${close}`);
    return;
  }
  lines.push(`${indent}subgraph ${id}[${label}]`);
  for (const group of node.groups) writeGroup({ group, ...writing, depth: depth + 1 });
  lines.push(`${indent}end`);
}

function writeGroup({ group, ...writing }: Writing & { readonly group: GraphGroup }): void {
  const { ids, lines, depth } = writing;
  const indent = "  ".repeat(depth);
  if (group.label === "") {
    for (const node of group.nodes) writeNode({ node, ...writing });
    return;
  }
  const id = `n${String(ids.size)}`;
  ids.set(group.id, id);
  // Mermaid drops a subgraph without nodes, so an empty branch becomes a node.
  if (group.nodes.length === 0) {
    lines.push(`${indent}${id}(${quote(group.label)})`);
    return;
  }
  lines.push(`${indent}subgraph ${id}[${quote(group.label)}]`);
  for (const node of group.nodes) writeNode({ node, ...writing, depth: depth + 1 });
  lines.push(`${indent}end`);
}

function nodeLabel(node: GraphNode): string {
  const name = node.name === "" ? node.title : `${node.name} = ${node.title}`;
  return [name, ...node.notes].join("\n");
}

/** Inside quotes Mermaid reads HTML entities, and nothing else, as escapes. */
function quote(text: string): string {
  const escaped = text
    .replaceAll("&", "#amp;")
    .replaceAll('"', "#quot;")
    .replaceAll("<", "#lt;")
    .replaceAll(">", "#gt;")
    .replaceAll("\n", "<br/>");
  return `"${escaped}"`;
}
