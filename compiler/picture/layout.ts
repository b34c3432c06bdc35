/**
 * Places the boxes of a flow. dagre cannot draw an edge that ends at a cluster, so each cluster is
 * laid out by itself, from the inside out, and then stands as one box in its parent; an edge between
 * boxes of different depth is drawn between their ancestors on the deepest common level.
 */

import dagre from "@dagrejs/dagre";
import type { Arrangement, Box, Route } from "./box.ts";
import type { FlowGraph, GraphEdge, GraphNode } from "./flow-graph.ts";
import { inRows } from "./rows.ts";

export const lineHeight = 18;
export const padding = 12;
const characterWidth = 8;
const longestLine = 48;
const narrowestBox = 90;

interface Item {
  readonly id: string;
  readonly node: GraphNode | null;
  readonly lines: readonly string[];
  readonly children: readonly Item[];
}

export function layoutFlow(graph: FlowGraph): Box {
  const root: Item = {
    id: "",
    node: null,
    lines: [graph.signature],
    children: graph.nodes.map(nodeItem),
  };
  const parents = new Map<string, string>();
  collectParents(root, parents);
  const lifted = new Map<string, GraphEdge[]>();
  for (const edge of graph.edges) liftEdge({ edge, parents, lifted });
  return place(root, lifted);
}

function nodeItem(node: GraphNode): Item {
  const name = node.name === "" ? node.title : `${node.name} = ${node.title}`;
  const children = node.groups.flatMap((group): Item[] =>
    group.label === ""
      ? group.nodes.map(nodeItem)
      : [
          {
            id: group.id,
            node: null,
            lines: [clip(group.label)],
            children: group.nodes.map(nodeItem),
          },
        ],
  );
  return { id: node.id, node, lines: [name, ...node.notes].map(clip), children };
}

function clip(text: string): string {
  return text.length <= longestLine ? text : `${text.slice(0, longestLine - 1)}…`;
}

function collectParents(item: Item, parents: Map<string, string>): void {
  for (const child of item.children) {
    parents.set(child.id, item.id);
    collectParents(child, parents);
  }
}

function ancestors(id: string, parents: ReadonlyMap<string, string>): string[] {
  const chain = [id];
  let parent = parents.get(id);
  while (parent !== undefined) {
    chain.unshift(parent);
    parent = parents.get(parent);
  }
  return chain;
}

function liftEdge(options: {
  edge: GraphEdge;
  parents: Map<string, string>;
  lifted: Map<string, GraphEdge[]>;
}): void {
  const { edge, parents, lifted } = options;
  const from = ancestors(edge.from, parents);
  const to = ancestors(edge.to, parents);
  let depth = 0;
  while (from[depth + 1] !== undefined && from[depth + 1] === to[depth + 1]) depth += 1;
  const [parent, source, target] = [from[depth], from[depth + 1], to[depth + 1]];
  if (parent === undefined || source === undefined || target === undefined) return;
  const known = lifted.get(parent) ?? [];
  if (!known.some((other) => other.from === source && other.to === target))
    known.push({ from: source, to: target });
  lifted.set(parent, known);
}

function place(item: Item, lifted: ReadonlyMap<string, readonly GraphEdge[]>): Box {
  const textWidth =
    Math.max(...item.lines.map((line) => line.length)) * characterWidth + 2 * padding;
  const textHeight = item.lines.length * lineHeight + 2 * padding;
  const box = { id: item.id, node: item.node, lines: item.lines, x: 0, y: 0 };
  if (item.children.length === 0) {
    return {
      ...box,
      width: Math.max(textWidth, narrowestBox),
      height: textHeight,
      children: [],
      routes: [],
    };
  }
  const children = item.children.map((child) => place(child, lifted));
  const inner = arrange(children, lifted.get(item.id) ?? []);
  const width = Math.max(textWidth, inner.width + 2 * padding);
  const left = (width - inner.width) / 2;
  const shift = { x: left, y: textHeight };
  return {
    ...box,
    width,
    height: textHeight + inner.height + padding,
    children: inner.boxes.map((child) => ({
      ...child,
      x: child.x + shift.x,
      y: child.y + shift.y,
    })),
    routes: inner.routes.map((route) => ({
      ...route,
      points: route.points.map((point) => ({ x: point.x + shift.x, y: point.y + shift.y })),
    })),
  };
}

/** What we use of a dagre graph: its own types lead to declarations that its package does not carry. */
interface DagreGraph {
  setGraph(options: {
    rankdir: "TB";
    nodesep: number;
    ranksep: number;
    marginx: number;
    marginy: number;
  }): void;
  setDefaultEdgeLabel(label: () => object): void;
  setNode(id: string, size: { width: number; height: number }): void;
  setEdge(from: string, to: string): void;
  /** The centre of a box, once laid out. */
  node(id: string): { x: number; y: number };
  edge(from: string, to: string): { points?: Route["points"] };
  graph(): { width?: number; height?: number };
}

const { graphlib, layout } = dagre as unknown as {
  readonly graphlib: { readonly Graph: new () => DagreGraph };
  readonly layout: (graph: DagreGraph) => void;
};

/** dagre follows chains by recursion, and takes minutes for thousands of boxes. */
const mostForDagre = 400;

function arrange(boxes: readonly Box[], edges: readonly GraphEdge[]): Arrangement {
  if (boxes.length > mostForDagre) return inRows(boxes, edges);
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: "TB", nodesep: 28, ranksep: 36, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const box of boxes) graph.setNode(box.id, { width: box.width, height: box.height });
  for (const edge of edges) graph.setEdge(edge.from, edge.to);
  layout(graph);
  const placed = boxes.map((box) => {
    const { x, y } = graph.node(box.id);
    return { ...box, x: x - box.width / 2, y: y - box.height / 2 };
  });
  const routes = edges.map((edge) => ({
    ...edge,
    points: graph.edge(edge.from, edge.to).points ?? [],
  }));
  const { width = 0, height = 0 } = graph.graph();
  return { boxes: placed, routes, width, height };
}
