import type { Arrangement, Box } from "./box.ts";
import type { GraphEdge } from "./flow-graph.ts";

const gap = { between: 28, below: 36 } as const;

/**
 * Places boxes in rows, each box below all that it waits for, and joins them with straight lines. Not as pretty as what
 * dagre does, but its time grows with the number of boxes alone, and it needs no recursion.
 */
export function inRows(boxes: readonly Box[], edges: readonly GraphEdge[]): Arrangement {
  const rows = rowsOf(boxes, edges);
  const width = Math.max(...rows.map(widthOf));
  const placed = new Map<string, Box>();
  let y = 0;
  for (const row of rows) {
    let x = (width - widthOf(row)) / 2;
    for (const box of row) {
      placed.set(box.id, { ...box, x, y });
      x += box.width + gap.between;
    }
    y += row.reduce((most, box) => Math.max(most, box.height), 0) + gap.below;
  }
  const routes = edges.map((edge) => {
    const [from, to] = [placed.get(edge.from), placed.get(edge.to)];
    const points =
      from === undefined || to === undefined
        ? []
        : [
            { x: from.x + from.width / 2, y: from.y + from.height },
            { x: to.x + to.width / 2, y: to.y },
          ];
    return { ...edge, points };
  });
  return { boxes: [...placed.values()], routes, width, height: Math.max(0, y - gap.below) };
}

function widthOf(row: readonly Box[]): number {
  return row.reduce((sum, box) => sum + box.width, (row.length - 1) * gap.between);
}

function rowsOf(boxes: readonly Box[], edges: readonly GraphEdge[]): readonly Box[][] {
  const waiting = new Map<string, number>();
  const targets = new Map<string, string[]>();
  for (const { from, to } of edges) {
    waiting.set(to, (waiting.get(to) ?? 0) + 1);
    const known = targets.get(from);
    if (known === undefined) targets.set(from, [to]);
    else known.push(to);
  }
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const rows: Box[][] = [];
  let row = boxes.filter((box) => !waiting.has(box.id));
  while (row.length > 0) {
    rows.push(row);
    const next: Box[] = [];
    for (const { id } of row) {
      for (const target of targets.get(id) ?? []) {
        const left = (waiting.get(target) ?? 0) - 1;
        waiting.set(target, left);
        const box = byId.get(target);
        if (left === 0 && box !== undefined) next.push(box);
      }
    }
    row = next;
  }
  return rows;
}
